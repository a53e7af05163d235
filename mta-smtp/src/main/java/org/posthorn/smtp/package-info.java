/**
 * The SMTP vocabulary: addresses, commands, replies, status codes and the dot-stuffed data stream.
 *
 * <p>Values and parsers only. Nothing here opens a socket, reads a clock or logs, so everything can
 * be tested with strings. Grammar: RFC 5321 §4.1.2; replies: RFC 5321 §4.2, RFC 2034, RFC 3463.
 *
 * <p>A server reads {@link LineFraming}, {@link CommandParser}, {@link DotDecoder} with {@link ContentScan} and
 * {@link HeaderScan}, and writes {@link Reply}; a client writes {@link CommandText} and {@link DotEncoder}, and reads
 * {@link ReplyReader} and
 * {@link Capabilities}. Both mean the same by {@link Mailbox} and {@link Domain}.
 */
@NullMarked
package org.posthorn.smtp;

import org.jspecify.annotations.NullMarked;
