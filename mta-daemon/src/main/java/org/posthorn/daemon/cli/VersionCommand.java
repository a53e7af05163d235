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
    terminal.out().println("posthorn " + Version.ofThisProgram() + " (Java " + Runtime.version() + ")");
  }
}
