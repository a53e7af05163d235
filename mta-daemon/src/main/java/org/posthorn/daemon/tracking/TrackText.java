package org.posthorn.daemon.tracking;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.posthorn.queue.Fate;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.RemoteMta;

/**
 * The lines of a file about one message: {@code message ID ENVID ARRIVAL EXPIRY}, {@code recipient ID N ADDRESS ORIGINAL
 * EXPANDED}, and {@code fate ID N ACTION STATUS REMOTE AT UNTIL} after each attempt, with tabs in between and {@code -} for
 * what there is not. A line that says nothing, as one torn by a crash, is passed over.
 */
final class TrackText {
  private static final String NOTHING = "-";

  private TrackText() {}

  /** Returns the lines that a message begins with. */
  static String beginning(QueuedMessage message, Instant expiry) {
    var envelope = message.envelope();
    var text = new StringBuilder(line("message", message.id().value(), envelope.dsn().envelopeId().orElse(NOTHING),
        message.queuedAt().toString(), expiry.toString()));
    int number = 0;
    for (var recipient : envelope.recipients()) {
      text.append(line("recipient", message.id().value(), Integer.toString(number++), recipient.address().toString(),
          original(recipient), Boolean.toString(recipient.isExpanded())));
    }
    return text.toString();
  }

  private static String original(Recipient recipient) {
    return recipient.original()
        .map(original -> original.type() + "; " + original.address())
        .orElseGet(() -> "rfc822; " + recipient.address());
  }

  /** Returns the line that an attempt adds. */
  static String fate(QueueId id, RecipientNumber recipient, Fate fate) {
    return line("fate", id.value(), Integer.toString(recipient.value()), fate.action().name(),
        fate.how().status().toString(), fate.how().remote().map(RemoteMta::host).orElse(NOTHING), fate.at().toString(),
        fate.retryUntil().map(Instant::toString).orElse(NOTHING));
  }

  private static String line(String... words) {
    return Stream.of(words)
        .map(word -> URLEncoder.encode(word, StandardCharsets.UTF_8))
        .collect(Collectors.joining("\t", "", "\n"));
  }

  /** Reads a file. */
  static List<Track> read(List<String> lines) {
    Map<String, Reading> messages = new LinkedHashMap<>();
    for (var line : lines) {
      try {
        var words = Stream.of(line.split("\t", -1))
            .map(word -> URLDecoder.decode(word, StandardCharsets.UTF_8))
            .toList();
        read(words, messages);
      } catch (DateTimeException | IllegalArgumentException | IndexOutOfBoundsException _) {
        // torn
      }
    }
    return messages.values().stream().map(Reading::track).toList();
  }

  private static void read(List<String> words, Map<String, Reading> messages) {
    var known = Optional.ofNullable(messages.get(words.get(1)));
    switch (words.getFirst()) {
      case "message" -> messages.put(words.get(1),
          new Reading(words.get(2), Instant.parse(words.get(3)), Instant.parse(words.get(4)), new ArrayList<>()));
      case "recipient" -> known.ifPresent(message -> message.recipients()
          .add(
              new Track.Destiny(words.get(3), words.get(4), Boolean.parseBoolean(words.get(5)), Optional.empty())));
      case "fate" -> known.ifPresent(message -> message.settle(Integer.parseInt(words.get(2)),
          new Track.Last(Fate.Action.valueOf(words.get(3)), words.get(4), optional(words.get(5)),
              Instant.parse(words.get(6)), optional(words.get(7)).map(Instant::parse))));
      default -> {
        // from a later version
      }
    }
  }

  private static Optional<String> optional(String word) {
    return word.equals(NOTHING) ? Optional.empty() : Optional.of(word);
  }

  /** A message as far as it has been read. */
  private record Reading(String envelopeId, Instant arrival, Instant expiry, List<Track.Destiny> recipients) {
    void settle(int number, Track.Last last) {
      var before = recipients.get(number);
      recipients.set(number,
          new Track.Destiny(before.address(), before.original(), before.isExpanded(), Optional.of(last)));
    }

    Track track() {
      return new Track(envelopeId, arrival, expiry, recipients);
    }
  }
}
