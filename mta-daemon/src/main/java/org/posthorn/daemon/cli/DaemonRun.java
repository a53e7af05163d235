package org.posthorn.daemon.cli;

import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.SettingsSource;

/** Runs the daemon. */
@FunctionalInterface
public interface DaemonRun {
  /**
   * Starts the daemon and returns when it has stopped.
   *
   * @param settings what is put in force
   * @param source where a reload reads them from
   * @return the exit code, 0 after a stop that was asked for
   */
  int run(Configuration settings, SettingsSource source) throws Exception;
}
