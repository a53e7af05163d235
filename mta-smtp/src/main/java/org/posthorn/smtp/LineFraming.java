package org.posthorn.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts what a client sends into command lines. Only CRLF ends a line (RFC 5321 §2.3.8). A line beyond the bound is
 * dropped up to its end; that of an AUTH command may be as long as an initial response wants it. Octets may come in pieces
 * of any size; one thread at a time uses it.
 */
public final class LineFraming {
  /** The longest line of an exchange of AUTH without its CRLF, and the longest initial response (RFC 4954 §4). */
  public static final int MAX_AUTH_OCTETS = 12_288;
  /** The line is longer than the bound. */
  public static final Reply TOO_LONG = Reply.of(500, "5.5.2", "Line too long");
  private static final Reply BARE_LINE_END = Reply.of(500, "5.5.2", "Lines must end with CRLF");
  private static final Reply NOT_UTF_8 = Reply.of(500, "5.5.2", "Not UTF-8");
  private static final byte[] AUTH = {'A', 'U', 'T', 'H', ' '};
  private static final int MAX_AUTH_LINE_OCTETS = "AUTH SCRAM-SHA-256-PLUS \r\n".length() + MAX_AUTH_OCTETS;

  private final int maxOctets;
  private byte[] line;
  private int length;
  private boolean overlong;
  private boolean lastWasCr;
  private Optional<CommandLine> complete = Optional.empty();

  /** @param maxOctets the longest line with its CRLF: 512, or more with extensions (RFC 5321 §4.5.3.1.4) */
  public LineFraming(int maxOctets) {
    this.maxOctets = maxOctets;
    this.line = new byte[maxOctets];
  }

  /**
   * Takes octets up to the end of the next line, which {@link #poll} then gives; a line that is not polled is lost with
   * the next call.
   *
   * @return where it stopped: just behind the line end, or {@code to} when the line goes on
   */
  public int take(byte[] octets, int from, int to) {
    int end = lineEnd(octets, from, to);
    int stop = end < 0 ? to : end;
    append(octets, from, stop);
    if (end >= 0) {
      complete = Optional.of(read());
      reset();
    } else if (stop > from) {
      lastWasCr = octets[stop - 1] == '\r';
    }
    return stop;
  }

  /** Returns the line that was completed, once. */
  public Optional<CommandLine> poll() {
    Optional<CommandLine> taken = complete;
    complete = Optional.empty();
    return taken;
  }

  /** Whether part of a line has come. */
  public boolean hasPartialLine() {
    return length > 0;
  }

  /** Forgets the line that has come in part, as before a TLS handshake (RFC 3207 §5). */
  public void reset() {
    length = 0;
    overlong = false;
    lastWasCr = false;
    if (line.length > maxOctets) {
      line = new byte[maxOctets];
    }
  }

  /** Returns the place behind the next CRLF, or -1. */
  private int lineEnd(byte[] octets, int from, int to) {
    for (int lf = Octets.indexOf(octets, (byte) '\n', from, to); lf < to; lf = Octets.indexOf(octets, (byte) '\n',
        lf + 1,
        to)) {
      if (lf > from ? octets[lf - 1] == '\r' : lastWasCr) {
        return lf + 1;
      }
    }
    return -1;
  }

  private void append(byte[] octets, int from, int to) {
    if (line.length - length < to - from && line.length < MAX_AUTH_LINE_OCTETS && isAuth(octets, from, to)) {
      line = Arrays.copyOf(line, MAX_AUTH_LINE_OCTETS);
    }
    int fitting = Math.min(to - from, line.length - length);
    System.arraycopy(octets, from, line, length, fitting);
    length += fitting;
    overlong |= fitting < to - from;
  }

  private boolean isAuth(byte[] octets, int from, int to) {
    for (int i = 0; i < AUTH.length; i++) {
      int c = i < length ? line[i] : i - length < to - from ? octets[from + i - length] : 0;
      if (Ascii.toUpperCase((char) c) != AUTH[i]) {
        return false;
      }
    }
    return true;
  }

  private CommandLine read() {
    if (overlong) {
      return new CommandLine.Refused(TOO_LONG);
    }
    int end = length - 2;
    if (Octets.indexOf(line, (byte) '\n', 0, end) < end || Octets.indexOf(line, (byte) '\r', 0, end) < end) {
      return new CommandLine.Refused(BARE_LINE_END);
    }
    try {
      return new CommandLine.Text(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, 0, end)).toString());
    } catch (CharacterCodingException _) {
      return new CommandLine.Refused(NOT_UTF_8);
    }
  }
}
