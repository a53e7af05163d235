package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** What a queue should do, as simply as one can say it: who waits, since when, until when, and what became of the rest. */
final class QueueModel {
  /** One recipient of one message. */
  record Key(QueueId id, RecipientNumber recipient) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byId = id.compareTo(other.id);
      return byId != 0 ? byId : Integer.compare(recipient.value(), other.recipient.value());
    }
  }

  /** What is known of a recipient that waits. */
  record Waiting(String site, Instant due, int attempts, boolean held) {
    private Waiting dueAt(Instant other, int tried) {
      return new Waiting(site, other, tried, held);
    }

    private Waiting heldOrNot(boolean hold) {
      return new Waiting(site, due, attempts, hold);
    }
  }

  private final Map<QueueId, QueuedMessage> messages = new HashMap<>();
  private final Map<Key, Waiting> waiting = new TreeMap<>();
  private final Set<String> paused = new HashSet<>();
  private final Set<Key> bounced = new HashSet<>();
  /** Recipients that a crash brought back after they had bounced: their senders may have been told or not. */
  private final Set<Key> perhapsBounced = new HashSet<>();
  private final Map<Key, Integer> delivered = new HashMap<>();
  /** Recipients that are done, though a crash may bring them back: more is to follow before that is on disk. */
  private final Set<Key> ending = new HashSet<>();
  /** Recipients that are done, though a crash may bring them back, because the journal was not synced since. */
  private final Set<Key> fading = new HashSet<>();
  private final Set<QueueId> repeated = new HashSet<>();
  private long tried;
  /** All that happened, for whoever looks for the reason of a failure. */
  private final List<String> history = new ArrayList<>();

  private void note(Object what, Object... about) {
    history.add(what + " " + List.of(about));
  }

  /** A message was taken; with it the journal was synced, unless it is {@code large} and got a file. */
  void accepted(QueuedMessage message, Instant now, boolean large) {
    note("accepted", message.id(), message.envelope().recipients().size(), large ? "large" : "small", now);
    if (!large) {
      fading.clear();
    }
    messages.put(message.id(), message);
    for (int i = 0; i < message.envelope().recipients().size(); i++) {
      var number = new RecipientNumber(i);
      waiting.put(new Key(message.id(), number),
          new Waiting(message.envelope().recipient(number).address().host().toString(), now, 0, false));
    }
  }

  /** A recipient is being tried: it must be its time. */
  void trying(Key key, Instant now) {
    note("tried", key, now);
    tried++;
    var found = Optional.ofNullable(waiting.get(key));
    assertThat(found).as("tried: %s", key).isPresent();
    assertThat(found.orElseThrow().held()).as("held: %s", key).isFalse();
    assertThat(found.orElseThrow().due()).as("due: %s", key).isBeforeOrEqualTo(now);
    assertThat(paused).as("paused: %s", key).doesNotContain(found.orElseThrow().site());
  }

  /** Returns how many attempts there were. */
  long tried() {
    return tried;
  }

  /** Returns the recipients that should be tried now. */
  List<Key> due(Instant now) {
    return waiting.entrySet()
        .stream()
        .filter(entry -> !entry.getValue().held() && !entry.getValue().due().isAfter(now)
            && !paused.contains(entry.getValue().site()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private QueuedMessage message(Key key) {
    return Optional.ofNullable(messages.get(key.id())).orElseThrow();
  }

  private Waiting waitingFor(Key key) {
    return Optional.ofNullable(waiting.get(key)).orElseThrow();
  }

  void delivered(Key key) {
    delivered.merge(key, 1, Integer::sum);
    end(Set.of(key));
  }

  void failed(Key key) {
    bounce(Set.of(key));
  }

  void deferred(Key key, Instant now) {
    int attempts = waitingFor(key).attempts() + 1;
    var next = QueueFixture.RETRY.next(Lifespan.of(message(key)), attempts, now, now, new Random(1));
    if (next.isEmpty()) {
      bounce(Set.of(key));
    } else {
      waiting.computeIfPresent(key, (_, before) -> before.dueAt(next.get(), attempts));
    }
  }

  private void bounce(Set<Key> keys) {
    keys.stream().filter(key -> !message(key).envelope().from().isNull()).forEach(bounced::add);
    end(keys);
  }

  private void end(Set<Key> keys) {
    note("ended", keys);
    waiting.keySet().removeAll(keys);
    ending.addAll(keys);
  }

  void hold(QueueId id, boolean hold) {
    of(id).forEach(key -> waiting.computeIfPresent(key, (_, before) -> before.heldOrNot(hold)));
  }

  void retry(QueueId id, Instant now) {
    of(id).stream()
        .filter(key -> !waitingFor(key).held())
        .forEach(key -> waiting.computeIfPresent(key, (_, before) -> before.dueAt(now, before.attempts())));
  }

  void delete(QueueId id) {
    end(of(id));
  }

  void bounce(QueueId id) {
    bounce(of(id));
  }

  void pause(String site, boolean pause) {
    if (pause) {
      paused.add(site);
    } else {
      paused.remove(site);
    }
  }

  private Set<Key> of(QueueId id) {
    var keys = new HashSet<Key>();
    waiting.keySet().stream().filter(key -> key.id().equals(id)).forEach(keys::add);
    return keys;
  }

  /** Returns the messages that somebody waits for. */
  List<QueueId> ids() {
    return waiting.keySet().stream().map(Key::id).distinct().toList();
  }

  /**
   * The process died and started anew; {@code listed} is what it has then. What ended last may be back: nothing else is.
   *
   * @param knowsTimes whether the index was kept
   */
  void crashed(Map<Key, Waiting> listed, Instant now, boolean knowsTimes) {
    listed.forEach((key, found) -> {
      if (!waiting.containsKey(key)) {
        assertThat(ending.contains(key) || fading.contains(key)).as("came back: %s after %s", key, history).isTrue();
        waiting.put(key, found);
        repeated.add(key.id());
        if (bounced.remove(key)) {
          perhapsBounced.add(key);
        }
      }
    });
    if (!knowsTimes) {
      waiting.replaceAll((_, before) -> before.dueAt(now, 0));
    }
    note("crashed", knowsTimes ? "with index" : "without index");
    ending.clear();
    fading.clear();
  }

  /** Everything that could be done now was done. */
  void cameToRest() {
    note("at rest", ending.size());
    fading.addAll(ending);
    ending.clear();
  }

  /** Checks that {@code listed} is what should wait at {@code now}. */
  void check(Map<Key, Waiting> listed, Instant now) {
    assertThat(visible(listed, now)).as("at %s after %s", now, history).isEqualTo(visible(waiting, now));
  }

  /** Since when something has been due does not matter. */
  private static Map<Key, Waiting> visible(Map<Key, Waiting> all, Instant now) {
    var visible = new TreeMap<Key, Waiting>();
    all.forEach((key, one) -> visible.put(key, one.due().isAfter(now) ? one : one.dueAt(now, one.attempts())));
    return visible;
  }

  /** Checks what became of all, when nobody waits any more. */
  void checkEnd(List<Report> reports) {
    assertThat(waiting).isEmpty();
    var told = new ArrayList<Key>();
    for (var report : reports) {
      report.lines()
          .stream()
          .filter(line -> line.action() == Report.Action.FAILED)
          .forEach(line -> told.add(new Key(report.message().id(), line.recipient())));
    }
    assertThat(told).as("reported").containsAll(bounced);
    told.removeIf(key -> repeated.contains(key.id()));
    assertThat(told).as("reported once").doesNotHaveDuplicates();
    told.removeAll(perhapsBounced);
    assertThat(bounced).as("reported for a reason").containsAll(told);
    delivered.forEach((key, times) -> {
      if (!repeated.contains(key.id())) {
        assertThat(times).as("delivered: %s", key).isEqualTo(1);
      }
    });
  }
}
