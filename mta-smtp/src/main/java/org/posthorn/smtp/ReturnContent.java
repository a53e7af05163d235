package org.posthorn.smtp;

/** How much of the message a DSN that reports a failure returns: the RET parameter (RFC 3461 §4.3). */
public enum ReturnContent {
  /** The whole message. */
  FULL,
  /** Its header section only. */
  HDRS
}
