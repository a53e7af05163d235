package org.posthorn.daemon.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import org.posthorn.smtp.Printable;

/**
 * What a command reads, writes and knows of the world.
 *
 * @param in standard input
 * @param out for results; UTF-8 whatever the locale
 * @param err for complaints
 * @param variables the environment
 * @param clock what time it is
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err, Map<String, String> variables,
    InstantSource clock) {
  /** Returns that of this process. */
  public static Terminal ofThisProcess() {
    return new Terminal(System.in, utf8(FileDescriptor.out), utf8(FileDescriptor.err), System.getenv(),
        InstantSource.system());
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /** Says in one sentence what went wrong. */
  void complain(String text) {
    text.lines().forEach(line -> err.println("posthorn: " + Printable.of(line)));
    err.flush();
  }
}
