package org.posthorn.daemon.inbound;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** What an IMAP server says, line by line, and the strings in it (RFC 3501 §4.3). Lines are bounded. One thread. */
final class ImapWire {
  private static final int MAX_LINE = 64 * 1024;
  private static final Pattern LITERAL = Pattern.compile("~?\\{([0-9]{1,18})\\+?}"); // RFC 3516 §4.4: ~ before binary ones

  private final InputStream in;
  private final OutputStream out;

  ImapWire(Socket socket) throws IOException {
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  void say(String text) throws IOException {
    out.write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Returns the next line, each octet one character, without its end. */
  String line() throws IOException {
    var line = new StringBuilder();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0) {
        throw new EOFException("it closed the connection");
      }
      if (line.length() == MAX_LINE) {
        throw new IOException("its line is too long");
      }
      line.append((char) octet);
    }
    return line.toString().stripTrailing();
  }

  /** Reads at most {@code length} octets; returns how many, or -1 at the end. */
  int read(byte[] block, int length) throws IOException {
    return in.read(block, 0, length);
  }

  /** Whether something is here that nobody has read. */
  boolean hasMore() throws IOException {
    return in.available() > 0;
  }

  /** Returns what stands behind the string with which {@code line} begins; when that is a literal, the next line goes on. */
  String behindString(String line) throws IOException {
    var octets = literal(line);
    if (octets.isPresent()) {
      if (octets.getAsLong() > MAX_LINE) {
        throw new IOException("its line is too long");
      }
      in.skipNBytes(octets.getAsLong());
      return line().strip();
    }
    int end = line.startsWith("\"") ? endOfQuoted(line) + 1 : line.indexOf(' ');
    return line.substring(end < 1 ? line.length() : end).strip();
  }

  /** Whether {@code line} begins with the words {@code begin}, in whatever case (RFC 3501 §9). */
  static boolean isResponse(String line, String begin) {
    return line.toUpperCase(Locale.ROOT).startsWith(begin.toUpperCase(Locale.ROOT))
        && (line.length() == begin.length() || line.charAt(begin.length()) == ' ');
  }

  /** Returns how many octets follow {@code text} when it announces a literal. */
  static OptionalLong literal(String text) {
    var announced = LITERAL.matcher(text);
    return announced.matches() ? OptionalLong.of(Long.parseLong(announced.group(1))) : OptionalLong.empty();
  }

  /** Returns what {@code text} holds when it is a quoted string. */
  static Optional<String> quoted(String text) {
    if (!text.startsWith("\"") || endOfQuoted(text) != text.length() - 1) {
      return Optional.empty();
    }
    var content = new StringBuilder();
    for (int i = 1; i < text.length() - 1; i++) {
      i += text.charAt(i) == '\\' ? 1 : 0;
      content.append(text.charAt(i));
    }
    return Optional.of(content.toString());
  }

  /** Returns where the quote is that ends the string at the begin of {@code text}; -1 when there is none. */
  private static int endOfQuoted(String text) {
    for (int i = 1; i < text.length(); i++) {
      if (text.charAt(i) == '"') {
        return i;
      }
      i += text.charAt(i) == '\\' ? 1 : 0;
    }
    return -1;
  }
}
