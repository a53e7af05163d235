/**
 * The SMTP vocabulary: addresses, commands, replies, status codes and the dot-stuffed data stream.
 *
 * <p>Values and parsers only. Nothing here opens a socket, reads a clock or logs, so everything can
 * be tested with strings. Grammar: RFC 5321 §4.1.2; replies: RFC 5321 §4.2, RFC 2034, RFC 3463.
 */
@NullMarked
package org.posthorn.smtp;

import org.jspecify.annotations.NullMarked;
