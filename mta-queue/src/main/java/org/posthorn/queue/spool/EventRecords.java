package org.posthorn.queue.spool;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.smtp.EnhancedStatus;
import tools.jackson.core.JacksonException;

/**
 * The event records behind the content of a spool entry, each a line:
 *
 * <pre>event 00000093 8f3a1c22 {"event":"finished","recipient":3,"at":"…","status":"2.0.0","text":"…"}</pre>
 *
 * <p>The numbers: octets of the JSON with its LF in decimal, and the CRC-32C of the message's id, that number and the JSON. The
 * id is in it because a power cut may leave a file that grew with blocks of another: whose records would count here. What a
 * crash left of a record does not count: a reader goes on at the next record that is whole.
 */
final class EventRecords {
  private static final byte[] START = "event ".getBytes(StandardCharsets.ISO_8859_1);
  private static final int LENGTH_AT = 6;
  private static final int LENGTH_DIGITS = 8;
  private static final int CRC_AT = 15;
  private static final int JSON_AT = 24;
  private static final int MAX_JSON_BYTES = 1 << 16;
  /** A reply has at most 512 octets a line, and several lines; more than this is of no use to anybody. */
  private static final int MAX_TEXT_CHARS = 2_000;

  /**
   * What a row of records says.
   *
   * @param events the events, in order
   * @param skipped octets between good records that were none
   * @param torn octets at the end that are no record
   */
  record Parsed(List<SpoolEvent> events, int skipped, int torn) {}

  private EventRecords() {}

  /** Returns the records of {@code events} of the message {@code id}, one behind the other. */
  static byte[] encode(QueueId id, List<? extends SpoolEvent> events) {
    var out = new ByteArrayOutputStream(events.size() * 160);
    for (var event : events) {
      out.writeBytes(record(id, json(event)));
    }
    return out.toByteArray();
  }

  private static byte[] record(QueueId id, byte[] json) {
    byte[] record = Arrays.copyOf(START, JSON_AT + json.length);
    Fields.putDecimal(record, LENGTH_AT, LENGTH_DIGITS, json.length);
    record[CRC_AT - 1] = ' ';
    record[JSON_AT - 1] = ' ';
    System.arraycopy(json, 0, record, JSON_AT, json.length);
    Fields.putHex(record, CRC_AT, crc(id, record, 0, json.length));
    return record;
  }

  private static byte[] json(SpoolEvent event) {
    var out = new ByteArrayOutputStream(160);
    try (var json = Json.FACTORY.createGenerator(Json.CONTEXT, out)) {
      json.writeStartObject();
      switch (event) {
        case SpoolEvent.Finished(var recipient, _, var status, var text) -> {
          json.writeStringProperty("event", "finished");
          json.writeNumberProperty("recipient", recipient.value());
          json.writeStringProperty("status", status.toString());
          json.writeStringProperty("text", text.substring(0, Math.min(text.length(), MAX_TEXT_CHARS)));
        }
        case SpoolEvent.DelayReported(var recipient, _) -> {
          json.writeStringProperty("event", "delay-reported");
          json.writeNumberProperty("recipient", recipient.value());
        }
        case SpoolEvent.Held _ -> json.writeStringProperty("event", "held");
        case SpoolEvent.ReleasedEarly _ -> json.writeStringProperty("event", "released-early");
        case SpoolEvent.Released _ -> json.writeStringProperty("event", "released");
      }
      json.writeStringProperty("at", event.at().toString());
      json.writeEndObject();
    }
    out.write('\n');
    return out.toByteArray();
  }

  /** Reads the records of the message {@code id} in {@code bytes}. Never fails: what is no record is skipped and counted. */
  static Parsed parse(QueueId id, byte[] bytes) {
    var events = new ArrayList<SpoolEvent>();
    int skipped = 0;
    int at = 0;
    int goodUntil = 0;
    while (at < bytes.length) {
      int jsonBytes = recordAt(id, bytes, at);
      Optional<SpoolEvent> event = jsonBytes < 0 ? Optional.empty() : event(bytes, at + JSON_AT, jsonBytes);
      if (event.isPresent()) {
        events.add(event.get());
        skipped += at - goodUntil;
        at += JSON_AT + jsonBytes;
        goodUntil = at;
      } else {
        at++;
      }
    }
    return new Parsed(events, skipped, bytes.length - goodUntil);
  }

  /** Returns the length of the JSON of the record that begins at {@code at}; -1 when none does. */
  private static int recordAt(QueueId id, byte[] bytes, int at) {
    if (bytes[at] != START[0] || bytes.length - at < JSON_AT
        || !Arrays.equals(bytes, at, at + START.length, START, 0, START.length)) {
      return -1;
    }
    long length = Fields.decimal(bytes, at + LENGTH_AT, LENGTH_DIGITS);
    if (length < 0 || length > MAX_JSON_BYTES || length > bytes.length - at - JSON_AT) {
      return -1;
    }
    return Fields.hex(bytes, at + CRC_AT) == crc(id, bytes, at, (int) length) ? (int) length : -1;
  }

  private static long crc(QueueId id, byte[] bytes, int at, int jsonBytes) {
    var crc = new CRC32C();
    crc.update(id.value().getBytes(StandardCharsets.ISO_8859_1));
    crc.update(bytes, at + LENGTH_AT, LENGTH_DIGITS);
    crc.update(bytes, at + JSON_AT, jsonBytes);
    return crc.getValue();
  }

  private static Optional<SpoolEvent> event(byte[] bytes, int offset, int length) {
    try {
      var fields = Json.object(bytes, offset, length);
      var at = Instant.parse(Json.text(fields, "at"));
      return switch (Json.text(fields, "event")) {
        case "finished" -> Optional.of(new SpoolEvent.Finished(recipient(Json.text(fields, "recipient")), at,
            EnhancedStatus.of(Json.text(fields, "status")), Json.text(fields, "text")));
        case "delay-reported" -> Optional.of(new SpoolEvent.DelayReported(recipient(Json.text(fields, "recipient")),
            at));
        case "held" -> Optional.of(new SpoolEvent.Held(at));
        case "released-early" -> Optional.of(new SpoolEvent.ReleasedEarly(at));
        case "released" -> Optional.of(new SpoolEvent.Released(at));
        default -> Optional.empty(); // of a later version
      };
    } catch (JacksonException | IllegalArgumentException | DateTimeException _) {
      return Optional.empty();
    }
  }

  private static RecipientNumber recipient(String number) {
    return new RecipientNumber(Integer.parseInt(number));
  }
}
