package org.posthorn.daemon.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Function;

/**
 * What a command line did, run within the test.
 *
 * @param exitCode what it ended with
 * @param out standard output
 * @param err standard error
 */
record CommandRun(int exitCode, String out, String err) {
  /** Runs {@code posthorn} with {@code input} on standard input and these variables, at 2026-11-22T08:00:00Z. */
  static CommandRun of(String input, Map<String, String> variables, String... arguments) {
    return run(input, variables, terminal -> (settings, source) -> {
      terminal.out().println("running " + settings.hostname() + " by " + source);
      return 0;
    }, arguments);
  }

  /** Runs {@code posthorn}, which runs {@code daemon}. */
  static CommandRun ofDaemon(DaemonRun daemon, String... arguments) {
    return run("", Map.of(), _ -> daemon, arguments);
  }

  private static CommandRun run(String input, Map<String, String> variables, Function<Terminal, DaemonRun> daemon,
      String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var terminal = new Terminal(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
        new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8),
        variables,
        InstantSource.fixed(Instant.parse("2026-11-22T08:00:00Z")));
    int exitCode = new CommandLineTool(terminal, daemon.apply(terminal)).execute(arguments);
    return new CommandRun(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** The same without input and variables. */
  static CommandRun of(String... arguments) {
    return of("", Map.of(), arguments);
  }
}
