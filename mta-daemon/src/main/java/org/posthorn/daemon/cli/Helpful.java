package org.posthorn.daemon.cli;

import picocli.CommandLine.Option;

/** A command that explains itself. */
class Helpful {
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Shows this help.")
  private boolean isHelpWanted;

  /** Whether help was asked for, which Picocli then gives. */
  final boolean isHelpWanted() {
    return isHelpWanted;
  }
}
