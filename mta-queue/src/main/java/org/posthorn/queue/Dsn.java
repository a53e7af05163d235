package org.posthorn.queue;

import org.posthorn.smtp.BodyType;

/**
 * A finished DSN: what is to be queued from {@code <>} to the sender of the message that it reports on.
 *
 * @param content header section and body, CRLF lines; bounded, because returned content is
 * @param body what the content is
 * @param smtpUtf8 whether it can only travel by SMTPUTF8 (RFC 6533 §4)
 */
public record Dsn(byte[] content, BodyType body, boolean smtpUtf8) {}
