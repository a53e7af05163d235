package org.posthorn.daemon.quota;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeMap;
import org.posthorn.smtp.Mailbox;

/** What one has sent within a day, in slots of five minutes, and whom it has written to. Used under the lock of the quotas. */
final class Spending {
  /** What was sent within one slot. */
  record Slot(int messages, int recipients, int newRecipients) {
    Slot plus(int moreMessages, int moreRecipients, int moreNew) {
      return new Slot(Math.max(0, messages + moreMessages), Math.max(0, recipients + moreRecipients),
          Math.max(0, newRecipients + moreNew));
    }
  }

  /** What one message added, so that just that can be taken back: where it counts, and whom it made known. */
  record Entry(long slot, Slot amount, Set<Long> learnt) {}

  private static final long SLOT_SECONDS = 300;
  private static final int MAX_KNOWN = 20_000;

  private final NavigableMap<Long, Slot> slots = new TreeMap<>();
  private final SequencedSet<Long> known = new LinkedHashSet<>();
  private Optional<Instant> lastAlert = Optional.empty();
  private boolean changed;

  Optional<Quotas.Exceeded> check(SendingLimits limits, List<Mailbox> recipients, Instant now) {
    for (var limit : Limit.RATES) {
      var allowed = limits.of(limit);
      if (allowed.isPresent()) { // only then: each recipient of a message comes by here, with all before it
        int used = used(limit, now) + asked(limit, recipients);
        if (used > allowed.get()) {
          return Optional.of(new Quotas.Exceeded(limit, allowed.get(), used));
        }
      }
    }
    return Optional.empty();
  }

  Entry add(SendingLimits limits, List<Mailbox> recipients, Instant now) {
    int newOnes = 0;
    var learnt = new LinkedHashSet<Long>();
    if (limits.of(Limit.NEW_RECIPIENTS_PER_DAY).isPresent()) {
      newOnes = asked(Limit.NEW_RECIPIENTS_PER_DAY, recipients);
      recipients.stream().map(Spending::hash).filter(one -> !known.contains(one)).forEach(learnt::add);
      recipients.forEach(recipient -> know(hash(recipient)));
    }
    slots.headMap(slot(now.minus(Duration.ofDays(1))), true).clear();
    var amount = new Slot(1, recipients.size(), newOnes);
    long slot = slot(now);
    slots.put(slot, slots.getOrDefault(slot, new Slot(0, 0, 0))
        .plus(amount.messages(), amount.recipients(), amount.newRecipients()));
    changed = true;
    return new Entry(slot, amount, learnt);
  }

  /** Takes back {@code entry} where it was counted: a message may take longer than a slot. */
  void takeBack(Entry entry) {
    var amount = entry.amount();
    slots.computeIfPresent(entry.slot(),
        (_, slot) -> slot.plus(-amount.messages(), -amount.recipients(), -amount.newRecipients()));
    known.removeAll(entry.learnt());
    changed = true;
  }

  private int asked(Limit limit, List<Mailbox> recipients) {
    return switch (limit) {
      case MESSAGES_PER_HOUR, MESSAGES_PER_DAY -> 1;
      case RECIPIENTS_PER_HOUR, RECIPIENTS_PER_DAY -> recipients.size();
      case NEW_RECIPIENTS_PER_DAY -> (int) recipients.stream().filter(one -> !known.contains(hash(one))).count();
      case SCHEDULED_MESSAGES, SCHEDULED_MEGABYTES -> 0; // see ScheduledMail
    };
  }

  private int used(Limit limit, Instant now) {
    var recent = slots.tailMap(slot(now.minus(limit.window())), false).values();
    return recent.stream().mapToInt(slot -> switch (limit) {
      case MESSAGES_PER_HOUR, MESSAGES_PER_DAY -> slot.messages();
      case RECIPIENTS_PER_HOUR, RECIPIENTS_PER_DAY -> slot.recipients();
      case NEW_RECIPIENTS_PER_DAY -> slot.newRecipients();
      case SCHEDULED_MESSAGES, SCHEDULED_MEGABYTES -> 0;
    }).sum();
  }

  Map<Limit, Integer> used(Instant now) {
    var used = new EnumMap<Limit, Integer>(Limit.class);
    for (var limit : Limit.RATES) {
      used.put(limit, used(limit, now));
    }
    return used;
  }

  /** Whether nothing was sent or refused within a day. */
  boolean isIdle(Instant now) {
    return slots.tailMap(slot(now.minus(Duration.ofDays(1))), false).isEmpty()
        && lastAlert.filter(last -> last.plus(Duration.ofDays(1)).isAfter(now)).isEmpty();
  }

  Optional<Instant> lastAlert() {
    return lastAlert;
  }

  void alerted(Instant now) {
    lastAlert = Optional.of(now);
  }

  /** Forgets what was sent, but not to whom. */
  void clear() {
    slots.clear();
    lastAlert = Optional.empty();
    changed = true;
  }

  boolean isChanged() {
    return changed;
  }

  void noteWritten(boolean isWritten) {
    changed = !isWritten;
  }

  Map<Long, Slot> slots() {
    return slots;
  }

  SequencedSet<Long> known() {
    return known;
  }

  /** Notes a recipient as written to, the one longest ago being forgotten for it. */
  void know(long recipient) {
    known.addLast(recipient);
    if (known.size() > MAX_KNOWN) {
      known.removeFirst();
    }
  }

  private static long slot(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), SLOT_SECONDS);
  }

  /** Addresses are kept as hashes: enough to know them again, and of no use to who reads the file. */
  private static long hash(Mailbox recipient) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256")
          .digest(recipient.toString().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
