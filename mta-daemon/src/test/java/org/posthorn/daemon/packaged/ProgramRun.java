package org.posthorn.daemon.packaged;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * What became of a program that somebody else wrote.
 *
 * @param exit its exit code
 * @param output what it said, on both streams
 */
record ProgramRun(int exit, String output) {
  /** Runs {@code line}, the program and its arguments, with {@code input} on its standard input. */
  static ProgramRun of(String input, Object... line) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(Stream.of(line).map(Object::toString).toList()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    var process = builder.start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It did not want to hear all of it; its output says why.
    }
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new ProgramRun(process.waitFor(), output);
  }
}
