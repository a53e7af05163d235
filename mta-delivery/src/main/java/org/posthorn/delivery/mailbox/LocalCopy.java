package org.posthorn.delivery.mailbox;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.posthorn.queue.MessageContent;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;

/**
 * A message on its way into one mailbox.
 *
 * @param content header section and body, as queued
 * @param from the reverse-path
 * @param to the recipient, as the envelope has it
 */
record LocalCopy(MessageContent content, ReversePath from, Mailbox to) {
  /** Returns the fields that final delivery puts on top (RFC 5321 §4.4), lines ending in LF. */
  byte[] trace() {
    return String.format(Locale.ROOT, "Return-Path: <%s>\nDelivered-To: %s\n", from, to)
        .getBytes(StandardCharsets.UTF_8);
  }
}
