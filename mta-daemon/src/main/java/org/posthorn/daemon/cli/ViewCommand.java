package org.posthorn.daemon.cli;

import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.Json;
import picocli.CommandLine.Option;

/**
 * A command that looks at something and shows it: to people, or to programs as JSON.
 *
 * @param <V> what it looks at
 */
abstract class ViewCommand<V> extends Helpful implements Callable<Integer> {
  /** Where it is shown. */
  final Terminal terminal;

  @Option(names = "--json", description = "As JSON.")
  private boolean isJson;

  ViewCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Returns what is to be shown. */
  abstract V look() throws Exception;

  /** Shows it to people. */
  abstract void show(V view);

  /** Returns what the command ends with. */
  int exitCode(V view) {
    return ExitCode.OK;
  }

  @Override
  public Integer call() throws Exception {
    V view = look();
    if (isJson) {
      terminal.out().println(Json.pretty(view));
    } else {
      show(view);
    }
    return exitCode(view);
  }
}
