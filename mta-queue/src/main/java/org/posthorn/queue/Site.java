package org.posthorn.queue;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** One destination in memory: what is ready for it, who works for it, how it fares. Guarded by the {@link ActiveQueue}. */
final class Site {
  /** A time that never comes. */
  static final Instant NEVER = Instant.MAX;

  final Destination destination;
  final SiteHealth health;
  final ArrayDeque<Lane> idle = new ArrayDeque<>();
  private final ReadyQueue ready = new ReadyQueue();
  private final Map<QueueId, Integer> leased = new HashMap<>();
  private int readyRecipients;
  Optional<Pause> pause = Optional.empty();
  /** Lanes that are open or about to be. */
  int lanes;
  /** Tasks that are being tried. */
  int active;
  /** Whether the index is being asked for what is due here. */
  boolean isRefilling;
  /** Whether it waits for room in memory, with nothing of it there. */
  boolean isHungry;
  /** When something in the index that is not in memory is due; at the latest. */
  Instant nextDue = NEVER;
  /** When something urgent in the index that is not in memory is due, for which the ready queue need not run low; at the latest. */
  Instant nextUrgent = NEVER;
  /** When a sender hears of something in the index that is left alone because the destination backs off; at the latest. */
  Instant nextWord = NEVER;
  /** When the scheduler looks here again. */
  Instant wakeAt = NEVER;

  Site(Destination destination, SiteLimits limits) {
    this.destination = destination;
    health = new SiteHealth(limits);
  }

  /** Puts recipients of a message at the end of the ready queue, in as many tasks as it takes. */
  void enqueue(Work work, Map<RecipientNumber, Integer> attempts) {
    attempts.forEach((recipient, before) -> work.leases.put(recipient, new Work.Lease(this, before)));
    leased.merge(work.id, attempts.size(), Integer::sum);
    var recipients = List.copyOf(new TreeSet<>(attempts.keySet()));
    for (int from = 0; from < recipients.size(); from += ReadyTask.MOST_RECIPIENTS) {
      int to = Math.min(from + ReadyTask.MOST_RECIPIENTS, recipients.size());
      ready.addLast(new ReadyTask(work, this, recipients.subList(from, to)));
    }
    readyRecipients += recipients.size();
  }

  /** Takes the next task, if one may be tried at {@code now}. */
  Optional<ReadyTask.Taken> poll(Instant now) {
    if (pollable(now) <= 0) {
      return Optional.empty();
    }
    var task = ready.removeFirst();
    readyRecipients -= task.recipients().size();
    active++;
    task.recipients().forEach(recipient -> stage(task.work(), recipient, Work.Stage.ACTIVE));
    var suspended = health.state(now) instanceof SiteHealth.State.BackingOff backingOff
        ? Optional.of(backingOff)
        : Optional.<SiteHealth.State.BackingOff>empty();
    return Optional.of(new ReadyTask.Taken(task, suspended));
  }

  /** Takes out of the ready queue what belongs to messages that are {@code meant}; their leases stay. */
  Map<Work, List<RecipientNumber>> withdraw(Predicate<Work> meant) {
    var withdrawn = new LinkedHashMap<Work, List<RecipientNumber>>();
    ready.removeIf(task -> {
      boolean out = meant.test(task.work());
      if (out) {
        withdrawn.computeIfAbsent(task.work(), _ -> new ArrayList<>()).addAll(task.recipients());
        readyRecipients -= task.recipients().size();
      }
      return out;
    });
    return withdrawn;
  }

  /** Leases a recipient for something else than an attempt. */
  void lease(Work work, RecipientNumber recipient) {
    work.leases.put(recipient, new Work.Lease(this, 0));
    leased.merge(work.id, 1, Integer::sum);
  }

  /** A lease of {@code id} ends. */
  void unlease(QueueId id) {
    leased.computeIfPresent(id, (_, count) -> count == 1 ? null : count - 1);
  }

  /** Something is due here at {@code due}. */
  void dueAt(Instant due) {
    nextDue = due.isBefore(nextDue) ? due : nextDue;
  }

  /** Something that is more urgent than most is due here at {@code due}. */
  void urgentAt(Instant due) {
    nextUrgent = due.isBefore(nextUrgent) ? due : nextUrgent;
  }

  /** A sender may have to hear at {@code moment} of something here, even if the destination backs off then. */
  void wordAt(Instant moment) {
    nextWord = moment.isBefore(nextWord) ? moment : nextWord;
  }

  /** Whether the destination backed off when last looked at: what is due there stays in the index. */
  boolean isBackingOff() {
    return health.peek() instanceof SiteHealth.State.BackingOff;
  }

  /** Returns the messages that the index must not give out again. */
  Set<QueueId> leased() {
    return Set.copyOf(leased.keySet());
  }

  int leasedRecipients() {
    return leased.values().stream().mapToInt(Integer::intValue).sum();
  }

  int readyRecipients() {
    return readyRecipients;
  }

  boolean hasReady() {
    return !ready.isEmpty();
  }

  /** Returns how many tasks could be taken at once at {@code now}. */
  int pollable(Instant now) {
    return pause.isPresent() ? 0 : Math.min(ready.size(), health.limit(now) - active);
  }

  /** Returns when the scheduler has something to do here, with the settings in force. */
  Instant wakeTime(QueueSettings settings) {
    if (pause.isPresent()) {
      return pause.get().until().orElse(NEVER);
    }
    if (isRefilling || isHungry) {
      return NEVER;
    }
    if (readyRecipients > settings.readyRecipients() / 4) {
      return isBackingOff() ? NEVER : nextUrgent;
    }
    return switch (health.peek()) {
      case SiteHealth.State.BackingOff(var until, _) -> until.isBefore(nextWord) ? until : nextWord;
      case SiteHealth.State.Open _,SiteHealth.State.Probing _ -> nextDue;
    };
  }

  /** Whether nothing here is worth being remembered. */
  boolean isForgettable() {
    return !isRefilling && !isHungry && lanes == 0 && active == 0 && ready.isEmpty() && leased.isEmpty()
        && nextDue.equals(NEVER)
        && pause.isEmpty()
        && !isBackingOff();
  }

  /** Moves a recipient on. */
  static void stage(Work work, RecipientNumber recipient, Work.Stage stage) {
    var lease = work.leases.get(recipient);
    if (lease != null) {
      lease.stage = stage;
    }
  }
}
