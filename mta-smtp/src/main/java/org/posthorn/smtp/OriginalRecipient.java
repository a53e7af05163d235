package org.posthorn.smtp;

/**
 * The ORCPT parameter: the recipient as the sender wrote it (RFC 3461 §4.2, RFC 6533 §3).
 *
 * @param type the address type, {@code rfc822} or {@code utf-8}, as given
 * @param address the address, xtext and unitext already decoded
 */
public record OriginalRecipient(String type, String address) {}
