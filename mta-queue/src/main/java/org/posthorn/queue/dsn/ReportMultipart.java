package org.posthorn.queue.dsn;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimeUtility;
import jakarta.mail.internet.ParameterList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;

/**
 * {@code multipart/report} (RFC 6522), built of parts that are encoded already, so that no data handlers are looked up.
 */
final class ReportMultipart extends MimeMultipart {
  /** How a part is written (RFC 2045 §6.1). */
  enum Encoding {
    /** As it is; it must be ASCII. */
    SEVEN_BIT("7bit"),
    /** As it is. */
    EIGHT_BIT("8bit"),
    /** For text in which few octets are not ASCII. */
    QUOTED_PRINTABLE("quoted-printable"),
    /** For everything else. */
    BASE64("base64");

    private final String token;

    Encoding(String token) {
      this.token = token;
    }
  }

  /** Begins a report; {@code boundary} must not occur in any part. */
  ReportMultipart(String boundary) throws MessagingException {
    var parameters = new ParameterList();
    parameters.set("report-type", "delivery-status");
    parameters.set("boundary", boundary);
    contentType = new ContentType("multipart", "report", parameters).toString();
  }

  /** Adds a part of {@code type}, a Content-Type with its parameters. */
  void add(String type, String description, byte[] content, Encoding encoding)
      throws MessagingException, IOException {
    var headers = new InternetHeaders();
    headers.setHeader("Content-Description", description);
    headers.setHeader("Content-Type", type);
    headers.setHeader("Content-Transfer-Encoding", encoding.token);
    addBodyPart(new MimeBodyPart(headers, encoded(content, encoding)));
  }

  private static byte[] encoded(byte[] content, Encoding encoding) throws MessagingException, IOException {
    var octets = new ByteArrayOutputStream();
    try (var out = MimeUtility.encode(octets, encoding.token.toLowerCase(Locale.ROOT))) {
      out.write(content);
    }
    return octets.toByteArray();
  }
}
