package org.posthorn.delivery.mailbox;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;

/** Messages for the tests of this package. */
final class LocalMail {
  static final Instant NOW = Instant.parse("2026-11-22T08:15:30.123456Z");
  static final ReversePath SENDER = ReversePath.of(new Mailbox("ann", Domain.of("sender.example")));

  private LocalMail() {}

  static Mailbox at(String localPart) {
    return new Mailbox(localPart, Domain.of("example.org"));
  }

  /** A task for local parts at example.org; the lines of {@code text} end in LF here and in CRLF there. */
  static DeliveryTask task(String text, String... localParts) {
    return task(content(text), SENDER, Stream.of(localParts).map(LocalMail::at).toArray(Mailbox[]::new));
  }

  static DeliveryTask task(MessageContent content, ReversePath from, Mailbox... recipients) {
    var envelope = new Envelope(from, Stream.of(recipients).map(Recipient::of).toList(), BodyType.SEVEN_BIT, false,
        "local");
    var message = new QueuedMessage(new QueueId("0000000000000001"), NOW, envelope, content.size());
    List<RecipientNumber> numbers = IntStream.range(0, recipients.length).mapToObj(RecipientNumber::new).toList();
    return new DeliveryTask(message, numbers, new Destination("local"), content);
  }

  static MessageContent content(String text) {
    return new TextContent(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private record TextContent(byte[] octets) implements MessageContent {
    @Override
    public long size() {
      return octets.length;
    }

    @Override
    public InputStream open() {
      return new ByteArrayInputStream(octets);
    }
  }
}
