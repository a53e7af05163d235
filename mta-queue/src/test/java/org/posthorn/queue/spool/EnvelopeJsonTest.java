package org.posthorn.queue.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.FutureRelease;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.ReturnContent;
import org.posthorn.smtp.ReversePath;
import org.posthorn.smtp.Tracking;
import org.posthorn.smtp.ValidSince;

class EnvelopeJsonTest {
  private static final QueueId ID = new QueueId("0f3k9x2m1q7w5e8r");
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123456789Z");
  private static final Mailbox BOB = new Mailbox("bob", new Domain("example.org"));

  static Stream<Envelope> envelopes() {
    return Stream.of(
        envelope(ReversePath.NULL, Recipient.of(BOB)),
        envelope(ReversePath.of(BOB), Recipient.of(new Mailbox("a \"quoted\\ part\"@", new Domain("example.org")))),
        envelope(ReversePath.of(BOB), Recipient.of(new Mailbox("", new Domain("example.org")))),
        envelope(ReversePath.of(BOB),
            Recipient.of(new Mailbox("jürgen.用户\uD83D\uDE00", new Domain("xn--bcher-kva.example")))),
        new Envelope(ReversePath.NULL, List.of(Recipient.of(BOB)), BodyType.SEVEN_BIT, false,
            new DsnRequest(Optional.empty(), Optional.of("tab\tand lone \uD83D surrogate")), "local", Handling.PLAIN),
        envelope(ReversePath.of(BOB),
            Recipient.of(new Mailbox("v4", new AddressLiteral(InetAddress.ofLiteral("192.0.2.1")))),
            Recipient.of(new Mailbox("v6", new AddressLiteral(InetAddress.ofLiteral("2001:db8::1"))))),
        envelope(ReversePath.of(BOB), new Recipient(BOB, Optional.of(NotifyOn.NEVER), Optional.empty()),
            new Recipient(BOB, Optional.of(NotifyOn.of(NotifyOn.Condition.SUCCESS, NotifyOn.Condition.DELAY)),
                Optional.of(new OriginalRecipient("utf-8", "größe+x@example.org")))),
        envelope(ReversePath.of(BOB),
            Recipient.of(BOB).with(Recipient.OwnerFields.FOR_NEXT_HOP, ValidSince.parse("2014-04-03T23:01:00Z;C")),
            Recipient.of(BOB).with(Recipient.OwnerFields.HEEDED, Optional.empty())),
        new Envelope(ReversePath.of(BOB), List.of(Recipient.of(BOB)), BodyType.EIGHT_BIT_MIME, true,
            new DsnRequest(Optional.of(ReturnContent.HDRS), Optional.of("QQ 314\u007f")), "host.example[192.0.2.7]",
            Handling.PLAIN),
        handled(new Handling(Optional.of(new Handling.Deadline(NOW, DeliverBy.Mode.NOTIFY, true)),
            Optional.of(new Handling.Release(NOW, new FutureRelease.HoldFor(Duration.ofHours(3)), "al\"ice")),
            Optional.of(new Priority(-9)), Handling.TlsWish.REQUIRED, List.of("net.example:ADV", "org.example"),
            Optional.of(new Tracking("Y2VydA==", Optional.of(Duration.ofDays(3)))), Optional.of(BOB))),
        handled(new Handling(Optional.of(new Handling.Deadline(NOW, DeliverBy.Mode.RETURN, false)),
            Optional.of(new Handling.Release(NOW, new FutureRelease.HoldUntil(NOW))), Optional.of(new Priority(0)),
            Handling.TlsWish.WAIVED, List.of(),
            Optional.of(new Tracking("Y2VydA==", Optional.empty())),
            Optional.empty())));
  }

  private static Envelope handled(Handling handling) {
    return new Envelope(ReversePath.of(BOB), List.of(Recipient.of(BOB)), BodyType.SEVEN_BIT, false, DsnRequest.NONE,
        "local", handling);
  }

  private static Envelope envelope(ReversePath from, Recipient... to) {
    return new Envelope(from, List.of(to), BodyType.SEVEN_BIT, false, "local");
  }

  @ParameterizedTest
  @MethodSource("envelopes")
  void givesBackWhatItWrote(Envelope envelope) throws DamagedEntryException {
    byte[] json = EnvelopeJson.encode(ID, NOW, envelope);

    assertThat(EnvelopeJson.decode(json, 0, json.length)).isEqualTo(new EnvelopeJson.Stored(ID, NOW, envelope));
    assertThat(new String(json, StandardCharsets.ISO_8859_1)).endsWith("}\n").containsOnlyOnce("\n");
  }

  @Test
  void ignoresWhatALaterVersionAdds() throws DamagedEntryException {
    var json = """
               {"id":"0f3k9x2m1q7w5e8r","new":{"deep":[1,null,{"x":2.5}]},"queued-at":"2026-11-22T10:00:00.123456789Z","from":null,
               "recipients":[{"local":"bob","domain":"example.org","tries":[3]}],"body":"7BIT","smtputf8":false,"client":"local"}
               """;
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);

    assertThat(EnvelopeJson.decode(bytes, 0, bytes.length).envelope())
        .isEqualTo(envelope(ReversePath.NULL, Recipient.of(BOB)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}", "[]", "null", "{\"id\":1}",
      "{\"id\":\"0f3k9x2m1q7w5e8r\",\"queued-at\":\"yesterday\",\"from\":null,\"recipients\":[],\"body\":\"7BIT\",\"client\":\"\"}",
      "{\"id\":\"0f3k9x2m1q7w5e8r\",\"queued-at\":\"2026-11-22T10:00:00Z\",\"from\":null,\"recipients\":[],\"body\":\"7BIT\",\"client\":\"\"}",
      "{\"id\":\"0f3k9x2m1q7w5e8r\",\"queued-at\":\"2026-11-22T10:00:00Z\",\"recipients\":[{\"local\":\"a\",\"domain\":\"b\"}],\"body\":\"7BIT\",\"client\":\"\"}",
      "{\"id\":\"0f3k9x2m1q7w5e8r\",\"queued-at\":\"2026-11-22T10:00:00Z\",\"from\":null,\"recipients\":[{\"local\":\"a\"}],\"body\":\"7BIT\",\"client\":\"\"}",
      "{\"id\":\"0f3k9x2m1q7w5e8r\",\"queued-at\":\"2026-11-22T10:00:00Z\",\"from\":null,\"recipients\":[{\"local\":\"a\",\"domain\":\"b\"}],\"body\":\"6BIT\",\"client\":\"\"}",
      "{\"id\":\"0f3k9x2m1q7w5e8r\",\"queued-at\":\"2026-11-22T10:00:00Z\",\"from\":null,\"recipients\":[{\"local\":\"a\",\"domain\":\"b\"}],\"body\":\"7BIT\",\"client\":\"\",\"priority\":\"10\"}"})
  void saysThatWhatIsNoEnvelopeIsDamaged(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> EnvelopeJson.decode(bytes, 0, bytes.length)).isInstanceOf(DamagedEntryException.class);
  }
}
