package org.posthorn.daemon.cli;

import picocli.CommandLine.Command;

/** {@code posthorn version}. */
@Command(name = "version", description = "Says which version this is.")
final class VersionCommand extends Helpful implements Runnable {
  private final Terminal terminal;

  VersionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void run() {
    terminal.out().println(text());
  }

  /** Returns the version of this program and of the Java that runs it. */
  static String text() {
    return "posthorn " + Version.ofThisProgram() + " (Java " + Runtime.version() + ")";
  }
}
