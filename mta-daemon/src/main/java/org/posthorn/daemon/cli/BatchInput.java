package org.posthorn.daemon.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.posthorn.smtp.FieldCapture;
import org.posthorn.smtp.Printable;

/**
 * The lines of a batch: a file of SMTP commands and messages, or such a file as a MIME message of type
 * {@code application/batch-SMTP} (RFC 2442). Lines end in CRLF or, as files on this system do, in LF.
 */
final class BatchInput {
  private static final int MAX_LINE = 1 << 20;
  private static final int MAX_HEADER = 1 << 16;
  private static final Pattern FIELD = Pattern.compile("(?:[!-9;-~]+[ \\t]*:|>?From ).*");
  private static final Pattern TYPE = Pattern.compile("application/batch-smtp\\s*(?:;.*)?", Pattern.CASE_INSENSITIVE);
  private static final Pattern REQUIRED = Pattern.compile(
      ";\\s*required-extensions\\s*=\\s*(?:\"([^\"]*)\"|([^\\s;\"]+))",
      Pattern.CASE_INSENSITIVE);
  private static final List<String> STANDARD = List.of("8BITMIME", "SIZE", "NOTARY"); // RFC 2442 §"Use of SMTP Extensions"

  private final InputStream in;
  private final List<String> extensions;
  private int lines;

  private BatchInput(InputStream in, List<String> extensions, int lines) {
    this.in = in;
    this.extensions = List.copyOf(extensions);
    this.lines = lines;
  }

  /** Opens a batch; throws {@link Failure} for a MIME message of another type (RFC 2442: MUST check). */
  static BatchInput open(InputStream source) throws IOException {
    var in = new BufferedInputStream(source, MAX_HEADER);
    in.mark(MAX_HEADER);
    var probe = new BatchInput(in, STANDARD, 0);
    boolean isMessage = FIELD.matcher(probe.line().orElse("")).matches();
    in.reset();
    return isMessage ? ofMessage(in) : new BatchInput(in, STANDARD, 0);
  }

  private static BatchInput ofMessage(InputStream in) throws IOException {
    var fields = new FieldCapture(Set.of("content-type", "content-transfer-encoding"), MAX_HEADER);
    var header = new BatchInput(in, List.of(), 0);
    for (var line = header.line(); line.isPresent() && !fields.isEnded(); line = header.line()) {
      byte[] octets = (line.text() + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
      fields.take(octets, 0, octets.length);
      if (fields.isEnded()) {
        break;
      }
    }
    var type = String.join("", fields.values("content-type")).strip();
    if (!TYPE.matcher(type).matches()) {
      throw Failure.usage("the message is of type \"" + Printable.of(type) + "\", not application/batch-SMTP");
    }
    return new BatchInput(decoded(in, String.join("", fields.values("content-transfer-encoding"))), required(type),
        header.lines);
  }

  private static List<String> required(String type) {
    var matcher = REQUIRED.matcher(type);
    if (!matcher.find()) {
      return STANDARD;
    }
    var list = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return Stream.of(String.valueOf(list).split(",", -1))
        .map(name -> name.strip().toUpperCase(Locale.ROOT).split("\\s", 2)[0])
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static InputStream decoded(InputStream in, String encoding) {
    return switch (encoding.strip().toLowerCase(Locale.ROOT)) {
      case "", "7bit", "8bit", "binary" -> in;
      case "base64" -> new BufferedInputStream(Base64.getMimeDecoder().wrap(in));
      case "quoted-printable" -> new QuotedPrintableInput(in);
      default -> throw Failure.usage("Content-Transfer-Encoding: " + Printable.of(encoding) + " is not understood");
    };
  }

  /** Returns what a server must offer for this batch, in upper case (RFC 2442); {@code NOTARY} is DSN (RFC 3461). */
  List<String> extensions() {
    return extensions;
  }

  /** Returns the number of the line that was read last, from 1. */
  int lines() {
    return lines;
  }

  /** Reads a line, an octet a char. */
  Line line() throws IOException {
    var line = new ByteArrayOutputStream();
    int octet = in.read();
    if (octet < 0) {
      return Line.NONE;
    }
    lines++;
    for (; octet >= 0 && octet != '\n'; octet = in.read()) {
      if (line.size() == MAX_LINE) {
        throw new IOException("line " + lines + " is longer than " + MAX_LINE + " octets");
      }
      line.write(octet);
    }
    var text = line.toString(StandardCharsets.ISO_8859_1);
    return new Line(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, true);
  }

  /**
   * A line without its end, or none.
   *
   * @param text an octet a char
   * @param isPresent whether there was one
   */
  record Line(String text, boolean isPresent) {
    private static final Line NONE = new Line("", false);

    String orElse(String otherwise) {
      return isPresent ? text : otherwise;
    }
  }
}
