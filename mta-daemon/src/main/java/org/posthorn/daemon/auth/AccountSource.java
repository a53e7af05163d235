package org.posthorn.daemon.auth;

import java.util.function.Supplier;

/** Where those who may log in are known from. Safe for use by many threads. */
@FunctionalInterface
public interface AccountSource extends Supplier<Accounts> {
  /** Returns them as they were at the last look. Answers at once. */
  @Override
  Accounts get();

  /** Looks whether they have changed. May wait for the disk, and so is nothing for an event loop. */
  default void look() {
    // those that are given once stay
  }

  /** Whether they may have changed since the last look. */
  default boolean isWatched() {
    return false;
  }
}
