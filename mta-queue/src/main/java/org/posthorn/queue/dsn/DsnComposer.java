package org.posthorn.queue.dsn;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.posthorn.queue.Dsn;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.Report;
import org.posthorn.queue.Report.Action;
import org.posthorn.queue.Reports;
import org.posthorn.queue.dsn.ReportMultipart.Encoding;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.ReturnContent;

/**
 * Writes DSNs as {@code multipart/report} (RFC 3464, RFC 6522): a text for people, fields for programs, and as much of the
 * message as the sender asked for. Safe for use by many threads.
 *
 * <p>A DSN to an ASCII address is ASCII outside of a returned message, so that it can travel to any server; what needs
 * UTF-8 is encoded (RFC 6533 §4.5).
 */
public final class DsnComposer implements Reports {
  /** A subject is shown to recognise the message by; longer ones are cut. */
  private static final int MAX_SUBJECT_CHARS = 80;

  private final String hostname;
  private final long maxReturnedBytes;
  private final RandomGenerator random;

  /**
   * Writes as the host {@code hostname}.
   *
   * @param maxReturnedBytes a longer message is returned by its header section only, whatever the sender asked for
   * @param random for boundaries and Message-IDs; safe for use by many threads
   */
  public DsnComposer(String hostname, long maxReturnedBytes, RandomGenerator random) {
    this.hostname = hostname;
    this.maxReturnedBytes = maxReturnedBytes;
    this.random = random;
  }

  @Override
  public Dsn compose(Report report) {
    var original = OriginalMessage.read(report.content(), wantsWhole(report) ? maxReturnedBytes : -1);
    boolean smtpUtf8 = !FieldText.isAscii(report.message().envelope().from().toString());
    String unique = HexFormat.of().toHexDigits(random.nextLong());
    try {
      var body = new ByteArrayOutputStream();
      var parts = parts(report, original, smtpUtf8, unique);
      parts.writeTo(body);
      var out = new ByteArrayOutputStream();
      boolean eightBit = Octets.isEightBit(body.toByteArray());
      out.writeBytes(header(report, original, unique).getBytes(StandardCharsets.UTF_8));
      out.writeBytes(mimeHeader(parts, eightBit).getBytes(StandardCharsets.US_ASCII));
      body.writeTo(out);
      return new Dsn(report.message().envelope().from().mailbox().stream().toList(), out.toByteArray(),
          eightBit || smtpUtf8 ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT, smtpUtf8);
    } catch (MessagingException e) {
      throw new IllegalStateException("a part that cannot be written", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing but memory is written to
    }
  }

  /**
   * RFC 3461 §4.3, §6.2: the whole message only with a failure; without RET too, since people miss the text most. Never one
   * that is to be protected (RFC 8689 §5), nor one that is no text (RFC 3030 §3).
   */
  private static boolean wantsWhole(Report report) {
    var envelope = report.message().envelope();
    return envelope.handling().tls() != TlsWish.REQUIRED && envelope.body() != BodyType.BINARY_MIME
        && report.lines().stream().anyMatch(line -> line.action() == Action.FAILED)
        && envelope.dsn().ret().filter(ret -> ret == ReturnContent.HDRS).isEmpty();
  }

  private String header(Report report, Optional<OriginalMessage> original, String unique) {
    var header = new StringBuilder();
    var from = report.message().envelope().from();
    header.append("From: Mail delivery system <MAILER-DAEMON@").append(hostname).append(">\r\n");
    header.append(FieldText.field("To", from.isNull() ? "postmaster@" + hostname : from.toString()));
    header.append(FieldText.field("Subject", encodedSubject(report, original)));
    header.append(FieldText.field("Date", report.at()));
    header.append("Message-ID: <")
        .append(report.message().id())
        .append('.')
        .append(unique)
        .append('@')
        .append(hostname)
        .append(">\r\n");
    original.flatMap(OriginalMessage::messageId).ifPresent(id -> header.append(FieldText.field("In-Reply-To", id)));
    original.map(OriginalMessage::references)
        .filter(ids -> !ids.isEmpty())
        .ifPresent(ids -> header.append(FieldText.field("References", String.join(" ", ids))));
    header.append("Auto-Submitted: auto-replied\r\n"); // RFC 3834 §5
    return header.toString();
  }

  private static String mimeHeader(ReportMultipart parts, boolean eightBit) throws MessagingException, IOException {
    var headers = new InternetHeaders();
    headers.setHeader("MIME-Version", "1.0");
    headers.setHeader("Content-Type", parts.getContentType());
    headers.setHeader("Content-Transfer-Encoding", eightBit ? "8bit" : "7bit");
    var text = new StringBuilder();
    headers.getAllHeaderLines().asIterator().forEachRemaining(line -> text.append(line).append("\r\n"));
    return text.append("\r\n").toString();
  }

  private ReportMultipart parts(Report report, Optional<OriginalMessage> original, boolean smtpUtf8, String unique)
      throws MessagingException, IOException {
    var parts = new ReportMultipart("=_report_" + report.message().id() + "_" + unique);
    var copy = original.map(message -> new ReturnedCopy(message, report.message().envelope().smtpUtf8(), smtpUtf8));
    String note = copy.map(ReturnedCopy::note).orElse("The message is not attached.");
    String text = new ReadableText(report, hostname).text(original.flatMap(DsnComposer::subject), note);
    boolean ascii = FieldText.isAscii(text);
    parts.add("text/plain; charset=" + (ascii ? "us-ascii" : "utf-8"), "Delivery report",
        text.getBytes(StandardCharsets.UTF_8), ascii ? Encoding.SEVEN_BIT : Encoding.QUOTED_PRINTABLE);
    addStatus(parts, new StatusPart(report, hostname), smtpUtf8);
    if (copy.isPresent()) {
      copy.get().addTo(parts);
    }
    return parts;
  }

  private static void addStatus(ReportMultipart parts, StatusPart status, boolean smtpUtf8)
      throws MessagingException, IOException {
    Encoding utf8 = smtpUtf8 ? Encoding.EIGHT_BIT : Encoding.QUOTED_PRINTABLE;
    parts.add(status.isGlobal() ? "message/global-delivery-status" : "message/delivery-status", "Delivery status",
        status.text().getBytes(StandardCharsets.UTF_8), status.isGlobal() ? utf8 : Encoding.SEVEN_BIT);
  }

  private static String encodedSubject(Report report, Optional<OriginalMessage> original) {
    String what = whatHappened(report.lines().stream().map(Report.Line::action).collect(Collectors.toSet()));
    String subject = what + original.flatMap(DsnComposer::subject).map(text -> ": " + text).orElse("");
    try {
      return MimeUtility.encodeText(subject, "utf-8", "Q").replaceAll("\\s+", " ");
    } catch (UnsupportedEncodingException e) {
      throw new IllegalStateException("every JDK has UTF-8", e);
    }
  }

  /** What matters most to the sender comes first. */
  private static String whatHappened(Set<Action> actions) {
    if (actions.contains(Action.FAILED)) {
      return "Undelivered mail";
    }
    if (actions.contains(Action.DELAYED)) {
      return "Delayed mail (still trying)";
    }
    if (actions.contains(Action.DELIVERED)) {
      return "Delivered mail";
    }
    return actions.contains(Action.RELAYED) ? "Relayed mail" : "Expanded mail";
  }

  /** Returns the subject of the message as a person reads it. */
  private static Optional<String> subject(OriginalMessage message) {
    return message.field("subject").map(raw -> {
      byte[] octets = raw.getBytes(StandardCharsets.ISO_8859_1);
      String text = new String(octets, StandardCharsets.UTF_8);
      // Octets that are not UTF-8 are in a charset that nobody named.
      String readable = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), octets) ? text : FieldText.toAscii(raw);
      String decoded = Printable.of(decoded(readable));
      return decoded.length() <= MAX_SUBJECT_CHARS ? decoded : cut(decoded);
    });
  }

  private static String cut(String text) {
    int end = Character.isHighSurrogate(text.charAt(MAX_SUBJECT_CHARS - 1)) ? MAX_SUBJECT_CHARS - 1 : MAX_SUBJECT_CHARS;
    return text.substring(0, end) + "…";
  }

  private static String decoded(String text) {
    try {
      return MimeUtility.decodeText(text);
    } catch (UnsupportedEncodingException _) {
      return text; // a charset that only the sender knows
    }
  }
}
