package org.posthorn.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the replies of a server, one after the other (RFC 5321 §4.2). It tolerates what does no harm: no text, no
 * space after the code, bare LFs as line ends, lines and replies that are too long, whose text it cuts. Blocks for
 * the peer; one thread at a time uses it.
 */
public final class ReplyReader {
  private static final int MAX_LINE_OCTETS = 512; // what is kept of one line
  private static final int MAX_LINES = 128; // what is kept of one reply
  private static final int MAX_REPLY_OCTETS = 1 << 20; // what is read of one reply

  private final InputStream in;
  private final byte[] buffer = new byte[4096];
  private int at;
  private int filled;

  private final byte[] line = new byte[MAX_LINE_OCTETS];
  private int length;
  private int replyOctets;

  /** @param in the connection; not closed */
  public ReplyReader(InputStream in) {
    this.in = in;
  }

  /** Whether octets that no {@link #read} has used were received. */
  public boolean hasUnread() throws IOException {
    return at < filled || in.available() > 0;
  }

  /** Drops them, and returns whether there were any: in front of a TLS handshake they are an attack. */
  public boolean dropUnread() throws IOException {
    boolean hasAny = at < filled;
    at = filled;
    while (in.available() > 0 && in.read(buffer) > 0) {
      hasAny = true;
    }
    return hasAny;
  }

  /**
   * Reads the next reply.
   *
   * @throws ReplyException when it is none
   * @throws EOFException when the peer has closed the connection
   */
  public Reply read() throws IOException {
    replyOctets = 0;
    List<String> texts = new ArrayList<>();
    int code = 0;
    boolean isLast;
    do {
      readLine();
      int lineCode = code();
      requireSameClass(code, lineCode);
      code = lineCode;
      isLast = length == 3 || line[3] != '-';
      if (texts.size() < MAX_LINES) {
        texts.add(text());
      }
    } while (!isLast);
    return reply(code, texts);
  }

  private static Reply reply(int code, List<String> texts) {
    Optional<EnhancedStatus> status = Optional.empty();
    List<String> lines = new ArrayList<>(texts.size());
    for (String text : texts) {
      // RFC 2034 §4 puts it on every line; some servers only on the first.
      Optional<EnhancedStatus> found = EnhancedStatus.parse(firstWord(text)).filter(s -> s.severity() == code / 100);
      status = status.or(() -> found);
      lines.add(found.isPresent() ? text.substring(firstWord(text).length()).strip() : text);
    }
    return new Reply(code, status, lines);
  }

  private static String firstWord(String text) {
    int space = text.indexOf(' ');
    return space < 0 ? text : text.substring(0, space);
  }

  /** RFC 5321 §4.2.1 wants one code in all lines. 250 and 251 agree on what matters; 250 and 550 do not. */
  private static void requireSameClass(int code, int lineCode) throws ReplyException {
    if (code != 0 && code / 100 != lineCode / 100) {
      throw new ReplyException("one reply with the codes " + code + " and " + lineCode);
    }
  }

  /** Returns the code of the line. */
  private int code() throws ReplyException {
    int code = 0;
    for (int i = 0; i < 3; i++) {
      code = i < length && Ascii.isDigit((char) line[i]) ? code * 10 + line[i] - '0' : -1000;
    }
    boolean isSeparated = length <= 3 || line[3] == ' ' || line[3] == '-';
    if (code < 200 || code > 599 || !isSeparated) {
      throw new ReplyException("not a reply: " + Printable.of(decoded(0, Math.min(length, 100))));
    }
    return code;
  }

  private String text() {
    return length <= 4 ? "" : decoded(4, length).strip();
  }

  /** Returns octets of the line as text without control characters; what is not UTF-8 becomes {@code ?}. */
  private String decoded(int from, int to) {
    int end = to;
    if (length == MAX_LINE_OCTETS) { // perhaps cut in the middle of a character
      while (end > from && (line[end - 1] & 0xc0) == 0x80) {
        end--;
      }
      end = end > from && line[end - 1] < 0 ? end - 1 : to;
    }
    try {
      return Printable
          .of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line, from, end - from)).toString());
    } catch (CharacterCodingException _) {
      return Printable.of(new String(line, from, to - from, StandardCharsets.US_ASCII).replace('\ufffd', '?'));
    }
  }

  /** Reads a line; what does not fit is dropped, as is the line end. */
  private void readLine() throws IOException {
    length = 0;
    for (int octet = next(); octet != '\n'; octet = next()) {
      if (length < MAX_LINE_OCTETS) {
        line[length++] = (byte) octet;
      }
    }
    if (length > 0 && line[length - 1] == '\r') {
      length--;
    }
  }

  private int next() throws IOException {
    if (at == filled) {
      fill();
    }
    if (++replyOctets > MAX_REPLY_OCTETS) {
      throw new ReplyException("a reply of more than " + MAX_REPLY_OCTETS + " octets");
    }
    return buffer[at++];
  }

  private void fill() throws IOException {
    at = 0;
    filled = 0; // stays so when a time-out ends the read
    int got = in.read(buffer);
    if (got <= 0) {
      throw new EOFException("the peer closed the connection");
    }
    filled = got;
  }
}
