package org.posthorn.daemon.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import org.jspecify.annotations.Nullable;

/** {@code posthorn completion}. */
@Command(name = "completion", description = {"Prints a script that completes commands and options in bash and zsh.",
    "Use it with: source <(posthorn completion)"})
final class CompletionCommand extends Helpful implements Runnable {
  private final Terminal terminal;

  @Spec
  private @Nullable CommandSpec spec;

  CompletionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void run() {
    if (spec != null) {
      terminal.out().print(AutoComplete.bash("posthorn", spec.root().commandLine()));
    }
  }
}
