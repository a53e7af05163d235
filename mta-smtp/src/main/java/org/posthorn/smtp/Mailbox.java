package org.posthorn.smtp;

/**
 * A mailbox address, {@code Local-part@Domain} (RFC 5321 §4.1.2, with UTF-8 as RFC 6531 §3.3).
 *
 * @param localPart what the local part means, without quotes and backslashes: {@code "a\ b"} on the wire is {@code a b}
 *     here; case is kept (RFC 5321 §2.4)
 * @param host where the mailbox lives
 */
public record Mailbox(String localPart, MailHost host) {
  public Mailbox {
    if (localPart.indexOf('\r') >= 0 || localPart.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("a line end in a local part: " + Printable.of(localPart));
    }
  }

  /** Returns the address as SMTP writes it, with the local part quoted when it must be. */
  @Override
  public String toString() {
    return localPart + "@" + host;
  }
}
