package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.queue.Messages.addition;
import static org.posthorn.queue.Messages.envelope;
import static org.posthorn.queue.Messages.id;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Aged;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Listing;
import org.posthorn.queue.QueueIndex.Row;
import org.posthorn.queue.QueueIndex.Scheduled;
import org.posthorn.queue.QueueIndex.ScheduledTotal;
import org.posthorn.queue.QueueIndex.Told;
import org.posthorn.queue.QueueIndex.Waiting;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.FutureRelease;
import org.posthorn.smtp.Priority;

/** What every index of the queue must know of when something has to happen. */
abstract class QueueScheduleContract extends QueueIndexFixture {
  private static QueueIndex.Addition asked(QueueId id, Optional<Instant> deadline, Optional<Instant> release) {
    return asked(id, deadline, release, "");
  }

  private static QueueIndex.Addition asked(QueueId id, Optional<Instant> deadline, Optional<Instant> release,
      String account) {
    var plain = Messages.envelope("a@example.org", "x@a.example");
    var handling = new Handling(
        deadline.map(at -> new Handling.Deadline(at, DeliverBy.Mode.RETURN, false)),
        release.map(at -> new Handling.Release(at, new FutureRelease.HoldUntil(at), account)), Optional.empty(),
        Handling.TlsWish.USUAL, List.of(), Optional.empty(), Optional.empty());
    return Messages.addition(id, NOW, release.orElse(NOW), plain.with(handling));
  }

  @Test
  void givesWhatIsDueByPriority() {
    add(message(1, NOW, "x@a.example"));
    index.apply(new QueueIndex.Changes(List.of(urgent(2, 4, NOW), urgent(3, -2, NOW.minusSeconds(5)),
        urgent(4, 4, NOW.minusSeconds(1))), List.of(), List.of(), List.of()));
    assertThat(index.priorities()).containsSubsequence(4, 0, -2).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(index.due(A, 4, NOW, 9, Set.of())).extracting(Row::id).containsExactly(id(4), id(2));
    assertThat(index.due(A, 4, NOW, 9, Set.of())).extracting(Row::priority).containsOnly(4);
    assertThat(index.due(A, 0, NOW, 9, Set.of())).extracting(Row::id).containsExactly(id(1));
    assertThat(index.due(A, -2, NOW, 9, Set.of())).extracting(Row::id).containsExactly(id(3));
    assertThat(index.due(A, NOW, 2, Set.of())).extracting(Row::id).containsExactly(id(3), id(4));
    assertThat(index.waiting()).singleElement()
        .isEqualTo(new Waiting(A, 4, NOW.minusSeconds(5).truncatedTo(ChronoUnit.MILLIS)));
  }

  private static QueueIndex.Addition urgent(int number, int priority, Instant due) {
    var plain = Messages.envelope("a@example.org", "x@a.example");
    return Messages.addition(id(number), NOW, due, plain.with(Handling.PLAIN.with(new Priority(priority))));
  }

  @Test
  void knowsDeadlinesInTheirOrderUntilTheMessageIsGone() {
    var none = Optional.<Instant>empty();
    index.apply(new QueueIndex.Changes(List.of(asked(id(1), Optional.of(LATER), none), asked(id(2), none, none),
        asked(id(3), Optional.of(NOW.plusSeconds(9)), none), asked(id(4), Optional.of(LATER), none)), List.of(),
        List.of(),
        List.of()));
    var first = new QueueIndex.Deadline(id(3), NOW.plusSeconds(9));
    assertThat(index.deadlines(new QueueIndex.Deadline(id(0), Instant.EPOCH), 2))
        .containsExactly(first, new QueueIndex.Deadline(id(1), LATER));
    assertThat(index.deadlines(first, 9)).extracting(QueueIndex.Deadline::id).containsExactly(id(1), id(4));
    assertThat(index.deadlines(new QueueIndex.Deadline(id(1), LATER), 9)).extracting(QueueIndex.Deadline::id)
        .containsExactly(id(4));
    index.apply(new QueueIndex.Changes(List.of(), List.of(), List.of(), List.of(id(3), id(1))));
    assertThat(index.deadlines(new QueueIndex.Deadline(id(0), Instant.EPOCH), 9)).extracting(QueueIndex.Deadline::id)
        .containsExactly(id(4));
  }

  @Test
  void countsWhatIsToBeSentLaterUntilItIsReleased() {
    index.apply(new QueueIndex.Changes(List.of(asked(id(1), Optional.empty(), Optional.of(LATER)),
        asked(id(2), Optional.empty(), Optional.of(LATER.plusSeconds(1))),
        asked(id(3), Optional.empty(), Optional.empty())), List.of(), List.of(), List.of()));
    assertThat(index.scheduled(NOW)).isEqualTo(2);
    assertThat(index.scheduled(LATER)).isEqualTo(1);
    index.reschedule(List.of(id(2)), NOW);
    assertThat(index.scheduled(NOW)).isEqualTo(1);
    assertThat(index.due(A, NOW, 9, Set.of())).extracting(Row::id).containsExactly(id(2), id(3));
  }

  @Test
  void tellsWhoseMessagesAreToBeSentLater() {
    var none = Optional.<Instant>empty();
    index.apply(new QueueIndex.Changes(List.of(asked(id(1), none, Optional.of(LATER), "alice"),
        asked(id(2), none, Optional.of(LATER.plusSeconds(1)), "alice"), asked(id(3), none, Optional.of(LATER), "bob"),
        asked(id(4), none, Optional.of(LATER)), asked(id(5), Optional.of(LATER), none, "alice")), List.of(), List.of(),
        List.of()));
    assertThat(index.scheduledFor("alice", NOW, 9)).containsExactlyInAnyOrder(new Scheduled(id(1), 1_000),
        new Scheduled(id(2), 1_000));
    assertThat(index.scheduledFor("alice", NOW, 1)).hasSize(1);
    assertThat(index.scheduledFor("alice", LATER, 9)).extracting(Scheduled::id).containsExactly(id(2));
    assertThat(index.scheduledByAccount(NOW)).containsExactly(new ScheduledTotal("alice", 2, 2_000),
        new ScheduledTotal("bob", 1, 1_000));
    index.reschedule(List.of(id(1)), NOW);
    index.apply(new QueueIndex.Changes(List.of(), List.of(), List.of(), List.of(id(3))));
    assertThat(index.scheduledByAccount(NOW)).containsExactly(new ScheduledTotal("alice", 1, 1_000));
  }

  @Test
  void findsWhatIsToBeSentLater() {
    var none = Optional.<Instant>empty();
    index.apply(new QueueIndex.Changes(List.of(asked(id(1), none, Optional.of(LATER)), asked(id(2), none, none),
        asked(id(3), Optional.of(LATER), Optional.of(LATER))), List.of(), List.of(), List.of()));
    assertThat(find(scheduled(NOW))).extracting(Listing::id).containsExactly(id(1), id(3));
    assertThat(find(scheduled(LATER))).isEmpty();
    index.reschedule(List.of(id(1)), NOW);
    assertThat(find(scheduled(NOW))).extracting(Listing::id).containsExactly(id(3));
  }

  private static QueueFilter scheduled(Instant after) {
    return new QueueFilter(List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
        Optional.empty(), Optional.of(after));
  }

  @Test
  void showsWhatIsDueAtADestinationLongestDueFirst() {
    add(message(1, NOW, "x@a.example"), message(2, NOW.minusSeconds(9), "x@a.example", "y@b.example"),
        message(3, LATER, "x@a.example"));

    assertThat(index.due(A, NOW, 10, Set.of())).containsExactly(
        new Row(id(2), FIRST, A, NOW.minusSeconds(9), 0), new Row(id(1), FIRST, A, NOW, 0));
    assertThat(index.due(B, NOW, 10, Set.of())).extracting(Row::recipient).containsExactly(SECOND);
    assertThat(index.due(A, NOW, 1, Set.of())).extracting(Row::id).containsExactly(id(2));
    assertThat(index.due(A, LATER, 10, Set.of())).hasSize(3);
    assertThat(index.due(new Destination("c.example"), LATER, 10, Set.of())).isEmpty();
  }

  @Test
  void showsWhatWasQueuedFirstByWhatTheSenderHasHeard() {
    add(addition(id(1), NOW, LATER, envelope("s@s.example", "x@a.example", "y@a.example")),
        addition(id(2), NOW.minusSeconds(9), NOW, envelope("s@s.example", "x@a.example"), delayReported(FIRST)),
        addition(id(3), NOW, NOW, envelope("", "x@a.example")),
        addition(id(4), NOW.minusSeconds(5), LATER, envelope("s@s.example", "x@a.example", "y@b.example")),
        addition(id(5), NOW, NOW, envelope("s@s.example", "x@a.example"), new SpoolEvent.Held(NOW)));

    assertThat(index.oldest(A, Told.NOTHING, 10, Set.of())).containsExactly(
        new Aged(new Row(id(4), FIRST, A, LATER, 0), NOW.minusSeconds(5)),
        new Aged(new Row(id(1), FIRST, A, LATER, 0), NOW), new Aged(new Row(id(1), SECOND, A, LATER, 0), NOW));
    assertThat(aged(Told.DELAY)).containsExactly(id(2));
    assertThat(aged(Told.NOBODY)).containsExactly(id(3));
    assertThat(index.oldest(A, Told.NOTHING, 1, Set.of(id(4)))).extracting(aged -> aged.row().id())
        .containsExactly(id(1));

    apply(List.of(), List.of(new Deferral(id(4), FIRST, LATER, 1, "later", Told.DELAY),
        new Deferral(id(2), FIRST, LATER, 1, "later")), List.of(), List.of());
    assertThat(aged(Told.DELAY)).containsExactly(id(2), id(4));
    assertThat(aged(Told.NOTHING)).containsExactly(id(1), id(1));
  }

  private List<QueueId> aged(Told told) {
    return index.oldest(A, told, 10, Set.of()).stream().map(aged -> aged.row().id()).toList();
  }

  private static SpoolEvent delayReported(RecipientNumber recipient) {
    return new SpoolEvent.DelayReported(recipient, NOW);
  }

  @Test
  void leavesOutWhatIsLeasedHoweverMuchThatIs() {
    var leased = IntStream.range(0, 300).mapToObj(Messages::id).toList();
    add(IntStream.range(0, 305)
        .mapToObj(i -> message(i, NOW.plusMillis(i), "x@a.example"))
        .toArray(Addition[]::new));

    assertThat(index.due(A, LATER, 3, Set.copyOf(leased))).extracting(Row::id)
        .containsExactly(id(300), id(301), id(302));
    assertThat(index.due(A, LATER, 9, Set.copyOf(leased))).hasSize(5);
  }
}
