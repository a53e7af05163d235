package org.posthorn.daemon.inbound;

/**
 * Bounds of one message.
 *
 * @param bytes its size in octets as the client sends it, 65,536 (RFC 5321 §4.5.3.1.7) or more; default 36,700,160
 *     (35 MiB); beyond it 552 5.3.4, at MAIL already when SIZE tells
 * @param recipients accepted RCPT commands, 100 (RFC 5321 §4.5.3.1.8) to 100,000; default 1000; beyond it 452 4.5.3
 * @param lineBytes longest line of content with CRLF, 1000 (RFC 5321 §4.5.3.1.6) to 1,048,576; default 65,536; beyond it
 *     554 5.6.0
 * @param headerBytes longest header section, 65,536 to 16,777,216; default 1,048,576; beyond it 552 5.3.4
 * @param receivedFields {@code Received:} fields with which a message is taken to loop, 10 to 1000; default 100; 554 5.4.6
 */
public record MessageLimits(long bytes, int recipients, int lineBytes, int headerBytes, int receivedFields) {
  /** The defaults. */
  public static final MessageLimits DEFAULT = new MessageLimits(36_700_160, 1000, 65_536, 1_048_576, 100);

  public MessageLimits {
    Require.within("message size", bytes, 65_536, 1L << 40);
    Require.within("recipients", recipients, 100, 100_000);
    Require.within("line length", lineBytes, 1000, 1_048_576);
    Require.within("header section", headerBytes, 65_536, 16_777_216);
    Require.within("Received fields", receivedFields, 10, 1000);
  }
}
