package org.posthorn.queue.powercut;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.SpoolEvent;

/**
 * What the spool has promised, each with the step of the disk at which it did: what it must hold, and what it may hold, if
 * the power fails at any step.
 */
final class Promises {
  private static final int NEVER = Integer.MAX_VALUE;

  /** A message as it is found after a cut. */
  record Found(SpoolEntry entry, byte[] content) {
    Envelope envelope() {
      return entry.message().envelope();
    }
  }

  /** Something that may be there from {@code begun}, and must be from {@code done}. */
  private static final class Act {
    final List<SpoolEvent> events;
    final int begun;
    int done = NEVER;

    Act(List<SpoolEvent> events, int begun) {
      this.events = events;
      this.begun = begun;
    }
  }

  private static final class Promise {
    final Envelope envelope;
    final byte[] content;
    final int begun;
    int stored = NEVER;
    int refused = NEVER;
    int removing = NEVER;
    int removed = NEVER;
    boolean isBad;
    final List<Act> records = new ArrayList<>();

    Promise(Envelope envelope, byte[] content, int begun) {
      this.envelope = envelope;
      this.content = content;
      this.begun = begun;
    }

    /** Whether nobody may wait for it any more at {@code step}: then the next start removes it. */
    boolean isOver(int step) {
      var done = new HashSet<Integer>();
      for (var act : records) {
        for (var event : act.events) {
          if (act.begun <= step && event instanceof SpoolEvent.Finished finished) {
            done.add(finished.recipient().value());
          }
        }
      }
      return done.size() == envelope.recipients().size();
    }
  }

  private final DiskLog log;
  private final Map<QueueId, Promise> promises = new HashMap<>();
  private final List<QueueId> goingAway = new ArrayList<>();

  Promises(DiskLog log) {
    this.log = log;
  }

  /** Begins with what was found. */
  static Promises of(Map<QueueId, Found> found, DiskLog log) {
    var promises = new Promises(log);
    found.forEach((id, message) -> {
      var promise = new Promise(message.envelope(), message.content(), 0);
      promise.stored = 0;
      var events = new Act(message.entry().events(), 0);
      events.done = 0;
      promise.records.add(events);
      promises.promises.put(id, promise);
    });
    return promises;
  }

  /** A message is being stored. */
  void storing(QueueId id, Envelope envelope, byte[] content) {
    promises.put(id, new Promise(envelope, content, log.size()));
  }

  /** The client was told that we have the message. */
  void stored(QueueId id) {
    promise(id).stored = log.size();
  }

  /** The client was told that we do not have the message, or went away. */
  void refused(QueueId id) {
    promise(id).refused = log.size();
  }

  /** Events are being recorded. */
  void recording(QueueId id, List<SpoolEvent> events) {
    promise(id).records.add(new Act(events, log.size()));
  }

  /** The last events are recorded; without this they may be or not. */
  void recorded(QueueId id) {
    promise(id).records.getLast().done = log.size();
  }

  /** A message is being removed. */
  void removing(QueueId id) {
    var promise = promise(id);
    promise.removing = Math.min(promise.removing, log.size());
  }

  /** A message is gone, for good as soon as the journal is synced. */
  void removed(QueueId id) {
    goingAway.add(id);
  }

  /** Whatever was removed before is gone for good, because the journal was synced since. */
  void synced() {
    goingAway.forEach(id -> promise(id).removed = log.size());
    goingAway.clear();
  }

  /** A message is read wrong, and may be set aside for somebody to look at. */
  void spoiled(QueueId id) {
    promise(id).isBad = true;
  }

  /** Returns the messages that are there now, as far as one can tell. */
  List<QueueId> present() {
    return promises.keySet()
        .stream()
        .filter(id -> promise(id).stored != NEVER && promise(id).removing == NEVER && !promise(id).isBad
            && !promise(id).isOver(NEVER))
        .sorted((one, other) -> one.value().compareTo(other.value()))
        .toList();
  }

  /** Returns how many recipients a message has. */
  int recipients(QueueId id) {
    return promise(id).envelope.recipients().size();
  }

  private Promise promise(QueueId id) {
    return Optional.ofNullable(promises.get(id)).orElseThrow();
  }

  /** Checks that what is found after a cut at {@code step}, or set aside, is what was promised. */
  void check(int step, Map<QueueId, Found> found, Set<QueueId> aside) {
    promises.forEach((id, promise) -> {
      var message = Optional.ofNullable(found.get(id));
      if (promise.stored <= step && promise.removing > step && !promise.isOver(step)) {
        assertThat(message.isPresent() || (promise.isBad && aside.contains(id))).as("there: %s", id).isTrue();
      }
      message.ifPresent(there -> check(step, id, promise, there));
    });
    assertThat(promises.keySet()).as("never heard of").containsAll(found.keySet());
  }

  private static void check(int step, QueueId id, Promise promise, Found found) {
    assertThat(promise.begun).as("stored before it came: %s", id).isLessThanOrEqualTo(step);
    assertThat(promise.refused).as("refused and there: %s", id).isGreaterThan(step);
    assertThat(promise.removed).as("removed and there: %s", id).isGreaterThan(step);
    assertThat(found.envelope()).as("envelope of %s", id).isEqualTo(promise.envelope);
    assertThat(found.content()).as("content of %s", id).isEqualTo(promise.content);
    var left = new ArrayList<>(found.entry().events());
    for (var act : promise.records) {
      if (act.done <= step) {
        for (var event : act.events) {
          assertThat(left.remove(event)).as("lost of %s: %s", id, event).isTrue();
        }
      }
    }
    for (var act : promise.records) {
      if (act.begun <= step && act.done > step) {
        left.removeAll(act.events);
      }
    }
    assertThat(left).as("never recorded for %s", id).isEmpty();
  }
}
