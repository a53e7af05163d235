package org.posthorn.smtp;

/** The argument of RCPT TO, source routes already stripped (RFC 5321 §4.1.1.3, §4.1.2). */
public sealed interface ForwardPath {
  /** The bare {@code <Postmaster>}, in any case, that every server must accept (RFC 5321 §2.3.5). */
  record Postmaster() implements ForwardPath {
    @Override
    public String toString() {
      return "postmaster";
    }
  }

  /** A mailbox with a domain or address literal. */
  record To(Mailbox mailbox) implements ForwardPath {
    @Override
    public String toString() {
      return mailbox.toString();
    }
  }
}
