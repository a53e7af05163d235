package org.posthorn.delivery.sevenbit;

import org.posthorn.queue.MessageContent;

/** What became of content that had to be brought into 7-bit form for a host without 8BITMIME (RFC 6152 §3). */
public sealed interface Converted {
  /** The content has no octet above 127 already. */
  record AsIs() implements Converted {}

  /** The content with the same meaning in 7-bit lines. */
  record Rewritten(MessageContent content) implements Converted {}

  /**
   * The content cannot be rewritten without breaking it, as when it is signed: the recipient fails with 5.6.3 (RFC 3463
   * §3.7).
   *
   * @param why for the DSN, without status
   */
  record Impossible(String why) implements Converted {}
}
