package org.posthorn.smtp;

/** The part of a mailbox behind the last at sign: a domain name or an address literal (RFC 5321 §4.1.2). */
public sealed interface MailHost permits Domain, AddressLiteral {}
