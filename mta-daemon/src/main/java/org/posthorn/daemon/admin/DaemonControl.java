package org.posthorn.daemon.admin;

import java.util.List;
import org.posthorn.daemon.config.ConfigException;

/** What an operator may ask of the daemon as a whole. Safe for use by many threads. */
public interface DaemonControl {
  /** Returns how the daemon is. */
  DaemonStatus status();

  /**
   * Reads the settings again and puts them in force; when something is wrong with them, nothing changes. Returns the keys of
   * what takes effect at the next start only.
   */
  List<String> reload() throws ConfigException;

  /** Begins to stop, and returns at once. */
  void stop();
}
