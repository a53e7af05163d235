package org.posthorn.daemon.inbound;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.posthorn.queue.QueueId;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Priority;

/**
 * What a {@code Received:} field tells of a message (RFC 5321 §4.4).
 *
 * @param helo the name that the client gave itself, harmless in a field
 * @param client who it was
 * @param protocol how it came
 * @param onlyRecipient the recipient as the client wrote it, when there was just one: nobody learns of the others
 * @param priority what MT-PRIORITY asked for
 * @param solicitations what the message solicits
 */
public record Trace(String helo, Client client, Protocol protocol, Optional<ForwardPath> onlyRecipient,
    Optional<Priority> priority, List<String> solicitations) {
  /** The trace of a message that solicits nothing. */
  Trace(String helo, Client client, Protocol protocol, Optional<ForwardPath> onlyRecipient,
      Optional<Priority> priority) {
    this(helo, client, protocol, onlyRecipient, priority, List.of());
  }

  public Trace {
    solicitations = List.copyOf(solicitations);
  }

  /** Returns the same for a message with {@code other} solicitations. */
  Trace with(List<String> other) {
    return new Trace(helo, client, protocol, onlyRecipient, priority, other);
  }

  /**
   * How a message came (RFC 3848, RFC 6531 §4.3).
   *
   * @param form the protocol
   * @param isEncrypted whether under TLS
   * @param isAuthenticated whether after AUTH
   */
  public record Protocol(Form form, boolean isEncrypted, boolean isAuthenticated) {
    /** The protocol alone. */
    public enum Form {
      /** After HELO. */
      SMTP,
      /** After EHLO. */
      ESMTP,
      /** After EHLO, with SMTPUTF8. */
      UTF8SMTP,
      /** After LHLO (RFC 2033). */
      LMTP,
      /** After LHLO, with SMTPUTF8. */
      UTF8LMTP
    }

    /** Returns the keyword. There is none for HELO under TLS. */
    @Override
    public String toString() {
      return form == Form.SMTP ? form.name() : form + (isEncrypted ? "S" : "") + (isAuthenticated ? "A" : "");
    }
  }

  private static final int MAX_COLUMN = 78;
  private static final int MAX_WORD_CHARS = 900;
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z",
      Locale.ENGLISH);

  /** Returns the field, with its line end. */
  String receivedField(Domain by, QueueId id, Instant now) {
    var field = new StringBuilder(256);
    field.append("Received: from ")
        .append(helo)
        .append(" (")
        .append(client.tcpInfo())
        .append(')');
    client.encryption().ifPresent(tls -> field.append("\r\n\t(using ").append(tls).append(')'));
    return append(field.append("\r\n\t"), by, id, now);
  }

  /** Returns the field without name and address of the client, with its line end. */
  String anonymousField(Domain by, QueueId id, Instant now) {
    return append(new StringBuilder(256).append("Received: "), by, id, now);
  }

  private String append(StringBuilder field, Domain by, QueueId id, Instant now) {
    field.append("by ")
        .append(by)
        .append(" (Posthorn) with ")
        .append(protocol)
        .append(solicited())
        .append(" id ")
        .append(id);
    onlyRecipient.ifPresent(to -> field.append("\r\n\tfor <").append(to).append('>'));
    priority.ifPresent(asked -> field.append("\r\n\tPRIORITY ").append(asked)); // RFC 6710 §4.1 (2)
    // RFC 8314 §4.3
    client.encryption().ifPresent(tls -> field.append("\r\n\ttls ").append(tls.cipher()));
    return field.append(";\r\n\t").append(date(now)).append("\r\n").toString();
  }

  /** RFC 3865 §2.6: a comment, folded between keywords; one that no line of 998 can hold (RFC 5322 §2.1.1) is left out. */
  private String solicited() {
    var comment = new StringBuilder();
    for (var keyword : solicitations.stream().filter(word -> word.length() <= MAX_WORD_CHARS).toList()) {
      int column = comment.length() - comment.lastIndexOf("\n");
      comment.append(comment.isEmpty() ? "\r\n\t(SOLICIT=" : column + keyword.length() > MAX_COLUMN ? ",\r\n\t" : ",")
          .append(keyword);
    }
    return comment.isEmpty() ? "" : comment.append(')').toString();
  }

  /** Returns {@code now} as header fields have it (RFC 5322 §3.3), in UTC. */
  static String date(Instant now) {
    return DATE.format(now.atOffset(ZoneOffset.UTC));
  }
}
