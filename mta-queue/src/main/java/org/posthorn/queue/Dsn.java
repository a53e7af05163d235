package org.posthorn.queue;

import java.util.List;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Mailbox;

/**
 * A finished DSN: what is to be queued from {@code <>} to the sender of the message that it reports on.
 *
 * @param to who gets it: the sender, or whom aliases name in its place
 * @param content header section and body, CRLF lines; bounded, because returned content is
 * @param body what the content is
 * @param smtpUtf8 whether it can only travel by SMTPUTF8 (RFC 6533 §4)
 */
public record Dsn(List<Mailbox> to, byte[] content, BodyType body, boolean smtpUtf8) {
  public Dsn {
    to = List.copyOf(to);
  }

  /** Returns the same for other readers. */
  public Dsn to(List<Mailbox> readers) {
    return new Dsn(readers, content, body, smtpUtf8);
  }
}
