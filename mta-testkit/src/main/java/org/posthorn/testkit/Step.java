package org.posthorn.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** One line of the script of a {@link ScriptedServer}. */
sealed interface Step {
  /** Sends {@code octets}; {@code line} is how the script has it. */
  record Send(String line, byte[] octets) implements Step {}

  /** Waits for a command that equals {@code text}, or matches it as a regular expression. */
  record Expect(String text) implements Step {
    boolean accepts(String command) {
      if (command.equals(text)) {
        return true;
      }
      try {
        return Pattern.matches(text, command);
      } catch (PatternSyntaxException _) {
        return false; // a literal such as "NOOP (" which did not come
      }
    }
  }

  /** Reads message content up to the final dot. */
  record Message() implements Step {}

  /** Reads the chunk that the last command announced; reads that BDAT command too, if it has not come yet. */
  record Chunk() implements Step {}

  /** Makes a TLS handshake with the certificate called so; see {@link TestTls}. */
  record StartTls(String certificate) implements Step {}

  /** Closes the connection. */
  record Close() implements Step {}

  /** Closes the connection with a TCP reset. */
  record Reset() implements Step {}

  /** Says nothing for {@code time}; without a time, until the test releases it or the client closes. */
  record Hold(Optional<Duration> time) implements Step {}

  /** Answers everything with 421 from here on, and closes: the script does not care what the client does next. */
  record Leave() implements Step {}

  /** Reads a script; empty lines and lines that begin with # are skipped. Throws IllegalArgumentException. */
  static List<Step> parse(String script) {
    return script.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .map(Step::parseLine)
        .toList();
  }

  private static Step parseLine(String line) {
    int colon = line.indexOf(':');
    String[] key = (colon < 0 ? line : line.substring(0, colon)).split(" ", 2);
    String text = line.substring(colon + 1).strip();
    return switch (key[0]) {
      case "S" -> new Send(line, concat(octets(text), "\r\n"));
      case "RAW" -> new Send(line, octets(text.replace("\\n", "\\x0a")));
      case "C" -> text.equals("<message>") ? new Message() : new Expect(text);
      case "C*" -> new Expect(text.isEmpty() ? ".*" : text);
      case "DATA" -> new Message();
      case "BDAT" -> new Chunk();
      case "TLS" -> new StartTls(text.isEmpty() ? TestTls.PEER : text);
      case "CLOSE" -> new Close();
      case "RESET" -> new Reset();
      case "LEAVE" -> new Leave();
      case "HOLD" -> new Hold(seconds(key.length > 1 ? key[1] : text));
      default -> throw new IllegalArgumentException("not a line of a script: " + line);
    };
  }

  private static Optional<Duration> seconds(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(Duration.ofSeconds(Long.parseLong(text)));
  }

  /** Undoes {@code \n} (CRLF), {@code \r}, {@code \t}, {@code \\} and {@code \xNN}; everything else is UTF-8. */
  static byte[] octets(String text) {
    String whole = repeated(text);
    var octets = new ByteArrayOutputStream();
    Matcher escape = Pattern.compile("\\\\(x[0-9a-fA-F]{2}|[nrt\\\\])").matcher(whole);
    int end = 0;
    while (escape.find()) {
      octets.writeBytes(whole.substring(end, escape.start()).getBytes(StandardCharsets.UTF_8));
      octets.writeBytes(switch (escape.group(1)) {
        case "n" -> new byte[]{'\r', '\n'};
        case "r" -> new byte[]{'\r'};
        case "t" -> new byte[]{'\t'};
        case "\\" -> new byte[]{'\\'};
        default -> new byte[]{(byte) Integer.parseInt(escape.group(1).substring(1), 16)};
      });
      end = escape.end();
    }
    octets.writeBytes(whole.substring(end).getBytes(StandardCharsets.UTF_8));
    return octets.toByteArray();
  }

  /** Undoes {@code xxxx…(N octets)}, which stands for that many of the character before it. */
  private static String repeated(String text) {
    Matcher many = Pattern.compile("(.)\\1*…\\((\\d+) octets\\)").matcher(text);
    return many.replaceAll(match -> Matcher.quoteReplacement(match.group(1).repeat(Integer.parseInt(match.group(2)))));
  }

  private static byte[] concat(byte[] octets, String end) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(octets);
    all.writeBytes(end.getBytes(StandardCharsets.US_ASCII));
    return all.toByteArray();
  }
}
