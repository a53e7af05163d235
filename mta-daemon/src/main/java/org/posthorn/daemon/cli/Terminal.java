package org.posthorn.daemon.cli;

import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
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
  private static final int MAX_PASSWORD_OCTETS = 1024;

  /** Returns that of this process. */
  public static Terminal ofThisProcess() {
    return new Terminal(System.in, utf8(FileDescriptor.out), utf8(FileDescriptor.err), System.getenv(),
        InstantSource.system());
  }

  /**
   * Reads a password: from whoever sits at the terminal, unseen, or else the first line of standard input. It is never an
   * argument, which everybody on the machine could read.
   *
   * @param isNew whether it is asked for twice
   */
  String readPassword(String prompt, boolean isNew) throws IOException {
    var console = Optional.ofNullable(System.console()).filter(c -> c.isTerminal() && in.equals(System.in));
    if (console.isEmpty()) {
      return firstLine();
    }
    String password = unseen(console.get(), prompt);
    if (isNew && !password.equals(unseen(console.get(), prompt + " again"))) {
      throw Failure.of("the two are not the same; nothing was changed");
    }
    return password;
  }

  private static String unseen(Console console, String prompt) {
    return Optional.ofNullable(console.readPassword("%s: ", prompt)).map(String::new).orElse("");
  }

  private String firstLine() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      if (line.size() == MAX_PASSWORD_OCTETS) {
        throw Failure.of("longer than " + MAX_PASSWORD_OCTETS + " octets");
      }
      line.write(octet);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
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
