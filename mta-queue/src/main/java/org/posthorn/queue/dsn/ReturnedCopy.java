package org.posthorn.queue.dsn;

import jakarta.mail.MessagingException;
import java.io.IOException;
import java.util.Optional;
import org.posthorn.queue.dsn.ReportMultipart.Encoding;

/** The part that returns the message, or its header section (RFC 6522 §3, RFC 6533 §4.2, §4.3). */
final class ReturnedCopy {
  private final OriginalMessage message;
  private final boolean global;
  private final boolean mayBeUtf8;

  /**
   * Returns {@code message}.
   *
   * @param global whether its header section is in UTF-8 (RFC 6532)
   * @param mayBeUtf8 whether the way back is known to carry UTF-8
   */
  ReturnedCopy(OriginalMessage message, boolean global, boolean mayBeUtf8) {
    this.message = message;
    this.global = global;
    this.mayBeUtf8 = mayBeUtf8;
  }

  /** Says in the text for people what they find. */
  String note() {
    return whole().isPresent()
        ? "The whole message is attached."
        : "Only the header of the message is attached, not its text.";
  }

  /** Adds the part to {@code parts}. */
  void addTo(ReportMultipart parts) throws MessagingException, IOException {
    if (whole().isPresent()) {
      byte[] content = whole().get();
      parts.add(global ? "message/global" : "message/rfc822", "Undelivered message", content, wholeEncoding(content));
    } else {
      byte[] header = message.header();
      parts.add(global ? "message/global-headers" : "text/rfc822-headers", "Header of the message", header,
          headerEncoding(header));
    }
  }

  /** A message that is no sequence of lines cannot be returned whole, for message/rfc822 must not be encoded. */
  private Optional<byte[]> whole() {
    return message.whole().filter(content -> global || Octets.isLines(content));
  }

  private Encoding wholeEncoding(byte[] content) {
    if (global && !(mayBeUtf8 && Octets.isLines(content))) {
      return Encoding.BASE64; // RFC 6533 §4.5
    }
    return Octets.isEightBit(content) ? Encoding.EIGHT_BIT : Encoding.SEVEN_BIT;
  }

  private Encoding headerEncoding(byte[] header) {
    if (!Octets.isLines(header)) {
      return Encoding.QUOTED_PRINTABLE;
    }
    if (!Octets.isEightBit(header)) {
      return Encoding.SEVEN_BIT;
    }
    return global && mayBeUtf8 ? Encoding.EIGHT_BIT : Encoding.QUOTED_PRINTABLE;
  }
}
