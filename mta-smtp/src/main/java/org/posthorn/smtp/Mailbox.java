package org.posthorn.smtp;

import java.util.Optional;

/**
 * A mailbox address, {@code Local-part@Domain} (RFC 5321 §4.1.2, with UTF-8 as RFC 6531 §3.3). Two are equal when they
 * mean the same: how a local part was quoted, or a domain written, makes no difference.
 *
 * @param localPart what the local part means, without quotes and backslashes: {@code "a\ b"} on the wire is {@code a b}
 *     here; at most 128 octets, without control characters; case is kept (RFC 5321 §2.4)
 * @param host where the mailbox lives
 */
public record Mailbox(String localPart, MailHost host) {
  /**
   * The longest local part, in octets. RFC 5321 §4.5.3.1.1 obliges everyone to take 64 and asks for no limit where
   * none is needed; the bounce addresses of mailing lists and forwarders (VERP, SRS) do exceed 64, and Postfix takes
   * them.
   */
  public static final int MAX_LOCAL_PART_OCTETS = 128;

  /** The longest address in octets: a path has 256 with its brackets (RFC 5321 §4.5.3.1.3). */
  public static final int MAX_OCTETS = 254;

  public Mailbox {
    if (!isLocalPart(localPart)) {
      throw new IllegalArgumentException("not a local part: " + Printable.of(localPart));
    }
  }

  /** Reads a trusted address, as from a setting; throws IllegalArgumentException when it is none. */
  public static Mailbox of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException("not a mailbox address: " + Printable.of(text)));
  }

  /** Reads an address without angle brackets, comments or spaces around it; empty when it is none. */
  public static Optional<Mailbox> parse(String text) {
    return AddressSyntax.mailbox(text);
  }

  /** Whether only a server with SMTPUTF8 can be given this address (RFC 6531 §3.3): domains are A-labels by now. */
  public boolean needsSmtpUtf8() {
    return !Ascii.isAscii(localPart);
  }

  /** Returns the address as SMTP and message headers write it, with the local part quoted only when it must be. */
  @Override
  public String toString() {
    return (AddressSyntax.isDotString(localPart) ? localPart : quoted()) + "@" + host;
  }

  static boolean isLocalPart(String text) {
    return Ascii.isClean(text) && Ascii.utf8Length(text) <= MAX_LOCAL_PART_OCTETS;
  }

  private String quoted() {
    return '"' + localPart.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
