package org.posthorn.queue.spool;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.FutureRelease;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.Tracking;
import tools.jackson.core.JsonGenerator;

/** What a sender asked for beyond delivery, as fields of the envelope; what it did not ask for has none. */
final class HandlingJson {
  private static final String DEADLINE = "deliver-by";
  private static final String RELEASE = "release";
  private static final String PRIORITY = "priority";
  private static final String TLS = "tls";
  private static final String SOLICITATIONS = "solicit";
  private static final String TRACKING = "mtrk";
  private static final String SUBMITTER = "submitter";

  private HandlingJson() {}

  static void write(JsonGenerator json, Handling handling) {
    if (handling.equals(Handling.PLAIN)) {
      return;
    }
    handling.deadline().ifPresent(deadline -> {
      json.writeObjectPropertyStart(DEADLINE);
      json.writeStringProperty("at", deadline.at().toString());
      json.writeStringProperty("mode", deadline.mode().name());
      json.writeBooleanProperty("trace", deadline.isTraced());
      json.writeEndObject();
    });
    handling.release().ifPresent(release -> writeRelease(json, release));
    handling.priority().ifPresent(priority -> json.writeStringProperty(PRIORITY, priority.toString()));
    if (handling.tls() != TlsWish.USUAL) {
      json.writeStringProperty(TLS, handling.tls().name());
    }
    if (!handling.solicitations().isEmpty()) {
      json.writeArrayPropertyStart(SOLICITATIONS);
      handling.solicitations().forEach(json::writeString);
      json.writeEndArray();
    }
    handling.tracking().ifPresent(tracking -> {
      json.writeObjectPropertyStart(TRACKING);
      json.writeStringProperty("certifier", tracking.certifier());
      tracking.timeout().ifPresent(timeout -> json.writeStringProperty("timeout", timeout.toString()));
      json.writeEndObject();
    });
    handling.submitter().ifPresent(mailbox -> {
      json.writeObjectPropertyStart(SUBMITTER);
      EnvelopeJson.writeMailbox(json, mailbox);
      json.writeEndObject();
    });
  }

  static Handling read(Map<String, Object> fields) {
    return new Handling(
        object(fields, DEADLINE).map(HandlingJson::deadline),
        object(fields, RELEASE).map(HandlingJson::release),
        Json.optionalText(fields, PRIORITY).map(Integer::valueOf).map(Priority::new),
        Json.optionalText(fields, TLS).map(TlsWish::valueOf).orElse(TlsWish.USUAL),
        fields.containsKey(SOLICITATIONS) ? texts(Json.list(fields, SOLICITATIONS)) : List.of(),
        object(fields, TRACKING).map(HandlingJson::tracking),
        object(fields, SUBMITTER).map(EnvelopeJson::mailbox));
  }

  private static Optional<Map<String, Object>> object(Map<String, Object> fields, String name) {
    return Optional.ofNullable(fields.get(name)).map(Json::asObject);
  }

  private static List<String> texts(List<?> list) {
    return list.stream().map(String::valueOf).toList();
  }

  private static void writeRelease(JsonGenerator json, Handling.Release release) {
    json.writeObjectPropertyStart(RELEASE);
    json.writeStringProperty("at", release.at().toString());
    switch (release.asked()) {
      case FutureRelease.HoldFor(var time) -> json.writeStringProperty("for", time.toString());
      case FutureRelease.HoldUntil(var time) -> json.writeStringProperty("until", time.toString());
    }
    if (!release.account().isEmpty()) {
      json.writeStringProperty("account", release.account());
    }
    json.writeEndObject();
  }

  private static Handling.Release release(Map<String, Object> fields) {
    return new Handling.Release(Instant.parse(Json.text(fields, "at")), Json.optionalText(fields, "for")
        .<FutureRelease>map(time -> new FutureRelease.HoldFor(Duration.parse(time)))
        .orElseGet(() -> new FutureRelease.HoldUntil(Instant.parse(Json.text(fields, "until")))),
        Json.optionalText(fields, "account").orElse(""));
  }

  private static Handling.Deadline deadline(Map<String, Object> fields) {
    return new Handling.Deadline(Instant.parse(Json.text(fields, "at")),
        DeliverBy.Mode.valueOf(Json.text(fields, "mode")), Json.isTrue(fields, "trace"));
  }

  private static Tracking tracking(Map<String, Object> fields) {
    return new Tracking(Json.text(fields, "certifier"), Json.optionalText(fields, "timeout").map(Duration::parse));
  }
}
