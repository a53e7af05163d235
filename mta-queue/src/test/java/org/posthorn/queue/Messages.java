package org.posthorn.queue;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;

/** Makes envelopes and messages for tests of the queue. */
public final class Messages {
  private Messages() {}

  /** Returns the address {@code text}, of a plain local part and a domain. */
  public static Mailbox mailbox(String text) {
    int at = text.lastIndexOf('@');
    return new Mailbox(text.substring(0, at), new Domain(text.substring(at + 1)));
  }

  /** Returns an envelope without any wishes; an empty {@code from} is the null sender. */
  public static Envelope envelope(String from, String... to) {
    return new Envelope(from.isEmpty() ? ReversePath.NULL : ReversePath.of(mailbox(from)),
        Stream.of(to).map(address -> Recipient.of(mailbox(address))).toList(), BodyType.SEVEN_BIT, false, "local");
  }

  /** Returns the {@code number}th id. */
  public static QueueId id(int number) {
    return new QueueId("%016d".formatted(number));
  }

  /** Returns the addition of a message whose recipients go to the destinations named by their domains. */
  public static Addition addition(QueueId id, Instant queuedAt, Instant due, Envelope envelope, SpoolEvent... events) {
    var entry = new SpoolEntry(new QueuedMessage(id, queuedAt, envelope, 1_000), List.of(events));
    var destinations = new TreeMap<RecipientNumber, Destination>();
    for (var number : entry.pending()) {
      destinations.put(number, new Destination(envelope.recipient(number).address().host().toString()));
    }
    return new Addition(entry, destinations, due);
  }
}
