package org.posthorn.smtp;

import java.util.Optional;

/**
 * Looks at the header section of a message on its way in, without keeping it: which fields are there, how large is
 * it, is it 8-bit? After the section's end it costs nothing. Bounded memory; one thread at a time uses it.
 */
public final class HeaderScan implements ContentSink {
  private static final int MAX_NAME = 16; // longer names are not asked for

  private final StringBuilder name = new StringBuilder(MAX_NAME);
  private boolean inName = true;
  private boolean atLineStart = true;
  private boolean ended;
  private boolean eightBit;
  private boolean bareLineEnd;
  private boolean lastWasCr;
  private long size;
  private int received;
  private boolean date;
  private boolean messageId;
  private boolean from;
  private int priorities;
  private int tlsFields;
  private boolean isKept;
  private final StringBuilder priority = new StringBuilder(0);
  private final StringBuilder tls = new StringBuilder(0);
  private StringBuilder kept = priority; // where the value of the current field goes, when it is one to keep

  @Override
  public void take(byte[] octets, int start, int to) {
    for (int i = start; i < to && !ended; i++) {
      size++;
      take(octets[i]);
    }
  }

  /** Whether the header section is over: an empty line, or a line that cannot belong to one, has begun. */
  public boolean isEnded() {
    return ended;
  }

  /**
   * Returns how many {@code Received:} fields there are, which is how often the message was handed on (RFC 5321
   * §6.3).
   */
  public int received() {
    return received;
  }

  /** Whether there is a {@code Date:} field. */
  public boolean hasDate() {
    return date;
  }

  /** Whether there is a {@code Message-ID:} field. */
  public boolean hasMessageId() {
    return messageId;
  }

  /** Whether there is a {@code From:} field. */
  public boolean hasFrom() {
    return from;
  }

  /** Whether there is an {@code MT-Priority:} field. */
  public boolean hasPriority() {
    return priorities > 0;
  }

  /** Returns the value of the only {@code MT-Priority:} field; empty when there are others, or it says nothing clear. */
  public Optional<Priority> priority() {
    return priorities == 1 ? PriorityField.value(priority.toString()) : Optional.empty();
  }

  /** Whether the only {@code TLS-Required:} field says No (RFC 8689 §3). */
  public boolean waivesTls() {
    return tlsFields == 1 && tls.toString().strip().equalsIgnoreCase("no");
  }

  /** Whether the section has an octet above 127, so that the next hop needs SMTPUTF8 (RFC 6532). */
  public boolean isEightBit() {
    return eightBit;
  }

  /** Whether the section has a CR without LF or a LF without CR, which nothing may have there. */
  public boolean hasBareLineEnd() {
    return bareLineEnd;
  }

  /** Returns the size of the section so far in octets. */
  public long size() {
    return size;
  }

  private void take(byte octet) {
    eightBit |= octet < 0;
    bareLineEnd |= lastWasCr != (octet == '\n');
    lastWasCr = octet == '\r';
    if (isKept) {
      keep(octet);
    }
    if (octet == '\n') {
      ended = inName; // an empty line, or one that is no field (RFC 5322 §2.2): from here on it is body
      atLineStart = true;
      inName = true;
      name.setLength(0);
    } else if (inName) {
      takeNameOctet(octet);
      atLineStart = false;
    }
  }

  private void keep(byte octet) {
    isKept = !atLineStart || octet == ' ' || octet == '\t'; // a folded line belongs to it
    if (isKept && kept.length() <= PriorityField.MAX_OCTETS) {
      kept.append((char) (octet & 0xff));
    }
  }

  private void takeNameOctet(byte octet) {
    if (octet == ':') {
      countField();
      inName = false;
    } else if (atLineStart && (octet == ' ' || octet == '\t')) {
      inName = false; // the continuation of the field above
    } else if (octet != '\r' && name.length() < MAX_NAME) {
      name.append((char) (octet & 0xff));
    }
  }

  private void countField() {
    // RFC 5322 §4.5: old messages have white space before the colon.
    switch (Ascii.toLowerCase(name.toString().strip())) {
      case "received" -> received++;
      case "date" -> date = true;
      case "message-id" -> messageId = true;
      case "from" -> from = true;
      case "mt-priority" -> {
        priorities++;
        isKept = true;
        kept = priority;
      }
      case "tls-required" -> {
        tlsFields++;
        isKept = true;
        kept = tls;
      }
      default -> {
        // of no concern here
      }
    }
  }
}
