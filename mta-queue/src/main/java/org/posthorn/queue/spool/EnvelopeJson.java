package org.posthorn.queue.spool;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.Recipient.OwnerFields;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.smtp.ReversePath;
import org.posthorn.smtp.ValidSince;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;

/**
 * The envelope as a spool entry keeps it: one line of JSON. Fields that a reader does not know are ignored, so that a
 * later version may add some.
 */
final class EnvelopeJson {
  /** What the JSON of an entry says. */
  record Stored(QueueId id, Instant queuedAt, Envelope envelope) {}

  private EnvelopeJson() {}

  /** Returns the JSON in UTF-8, ending in LF. */
  static byte[] encode(QueueId id, Instant queuedAt, Envelope envelope) {
    var out = new ByteArrayOutputStream(256 + 80 * envelope.recipients().size());
    try (var json = Json.FACTORY.createGenerator(Json.CONTEXT, out)) {
      json.writeStartObject();
      json.writeStringProperty("id", id.value());
      json.writeStringProperty("queued-at", queuedAt.toString());
      json.writeName("from");
      writeSender(json, envelope.from());
      json.writeArrayPropertyStart("recipients");
      envelope.recipients().forEach(recipient -> writeRecipient(json, recipient));
      json.writeEndArray();
      json.writeStringProperty("body", envelope.body().keyword());
      json.writeBooleanProperty("smtputf8", envelope.smtpUtf8());
      envelope.dsn().ret().ifPresent(ret -> json.writeStringProperty("ret", ret.name()));
      envelope.dsn().envelopeId().ifPresent(envid -> json.writeStringProperty("envid", envid));
      json.writeStringProperty("client", envelope.client());
      HandlingJson.write(json, envelope.handling());
      json.writeEndObject();
    }
    out.write('\n');
    return out.toByteArray();
  }

  private static void writeSender(JsonGenerator json, ReversePath from) {
    from.mailbox().ifPresentOrElse(mailbox -> {
      json.writeStartObject();
      writeMailbox(json, mailbox);
      json.writeEndObject();
    }, json::writeNull);
  }

  private static void writeRecipient(JsonGenerator json, Recipient recipient) {
    json.writeStartObject();
    writeMailbox(json, recipient.address());
    recipient.notifyOn().ifPresent(notify -> json.writeStringProperty("notify", notify.toString()));
    recipient.original().ifPresent(original -> {
      json.writeStringProperty("original-type", original.type());
      json.writeStringProperty("original", original.address());
    });
    recipient.validSince().ifPresent(since -> json.writeStringProperty("rrvs", since.toString()));
    if (recipient.isExpanded()) {
      json.writeBooleanProperty("expanded", true);
    }
    if (recipient.ownerField() != OwnerFields.NONE) {
      json.writeStringProperty("rrvs-field", recipient.ownerField().name());
    }
    json.writeEndObject();
  }

  static void writeMailbox(JsonGenerator json, Mailbox mailbox) {
    json.writeStringProperty("local", mailbox.localPart());
    switch (mailbox.host()) {
      case Domain domain -> json.writeStringProperty("domain", domain.name());
      case AddressLiteral literal -> json.writeStringProperty("address", literal.address().getHostAddress());
    }
  }

  /** Reads what {@link #encode} wrote. */
  static Stored decode(byte[] json, int offset, int length) throws DamagedEntryException {
    try {
      var fields = Json.object(json, offset, length);
      return new Stored(new QueueId(Json.text(fields, "id")), Instant.parse(Json.text(fields, "queued-at")),
          envelope(fields));
    } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
      throw new DamagedEntryException("unreadable envelope", e);
    }
  }

  private static Envelope envelope(Map<String, Object> fields) {
    var recipients = new ArrayList<Recipient>();
    for (Object recipient : Json.list(fields, "recipients")) {
      recipients.add(recipient(Json.asObject(recipient)));
    }
    return new Envelope(sender(fields), recipients, body(Json.text(fields, "body")), Json.isTrue(fields, "smtputf8"),
        new DsnRequest(Json.optionalText(fields, "ret").map(ReturnContent::valueOf),
            Json.optionalText(fields, "envid")),
        Json.text(fields, "client"), HandlingJson.read(fields));
  }

  private static ReversePath sender(Map<String, Object> fields) {
    if (!fields.containsKey("from")) {
      throw new IllegalArgumentException("no from");
    }
    return Json.isNull(fields, "from") ? ReversePath.NULL : ReversePath.of(mailbox(Json.asObject(fields.get("from"))));
  }

  private static Recipient recipient(Map<String, Object> fields) {
    return new Recipient(mailbox(fields), Json.optionalText(fields, "notify").map(EnvelopeJson::notifyOn),
        Json.optionalText(fields, "original")
            .map(address -> new OriginalRecipient(Json.text(fields, "original-type"), address)),
        Json.optionalText(fields, "rrvs").flatMap(ValidSince::parse), Json.isTrue(fields, "expanded"),
        Json.optionalText(fields, "rrvs-field").map(OwnerFields::valueOf).orElse(OwnerFields.NONE));
  }

  private static NotifyOn notifyOn(String text) {
    var conditions = EnumSet.noneOf(NotifyOn.Condition.class);
    if (!text.equals("NEVER")) {
      List.of(text.split(",", -1)).forEach(word -> conditions.add(NotifyOn.Condition.valueOf(word)));
    }
    return new NotifyOn(conditions);
  }

  static Mailbox mailbox(Map<String, Object> fields) {
    Optional<MailHost> literal = Json.optionalText(fields, "address")
        .map(address -> new AddressLiteral(InetAddress.ofLiteral(address)));
    return new Mailbox(Json.text(fields, "local"), literal.orElseGet(() -> new Domain(Json.text(fields, "domain"))));
  }

  private static BodyType body(String keyword) {
    for (var body : BodyType.values()) {
      if (body.keyword().equals(keyword)) {
        return body;
      }
    }
    throw new IllegalArgumentException("unknown body " + keyword);
  }
}
