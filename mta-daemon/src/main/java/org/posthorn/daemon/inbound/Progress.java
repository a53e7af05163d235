package org.posthorn.daemon.inbound;

/** How far one session has come, moved on by whoever answers a command. One thread at a time uses it. */
final class Progress {
  private Phase phase = new Phase.Greeted();

  Phase phase() {
    return phase;
  }

  /** Goes on with {@code next}; what was held until now is not dropped. */
  void to(Phase next) {
    phase = next;
  }

  /** Drops the message that is underway. */
  void drop() {
    phase.drop();
  }

  /** Whether no message is underway, so that the session can be ended without harm. */
  boolean isBetweenMessages() {
    return phase.isBetweenMessages();
  }

  /** Returns what to throw when {@code what} comes where whoever drives the session must not let it. */
  IllegalStateException outOfPlace(String what) {
    return new IllegalStateException(what + " in " + phase);
  }
}
