package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.queue.Messages.envelope;
import static org.posthorn.queue.Messages.id;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Listing;
import org.posthorn.queue.Reconciliation.LastEnd;
import org.posthorn.queue.Reconciliation.Summary;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.FutureRelease;
import org.posthorn.smtp.Mailbox;

class ReconciliationTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final RecipientNumber FIRST = new RecipientNumber(0);
  private static final RecipientNumber SECOND = new RecipientNumber(1);

  private final InMemorySpool spool = new InMemorySpool();
  private final InMemoryQueueIndex index = new InMemoryQueueIndex();

  @Test
  void addsWhatTheIndexDoesNotKnowDueAtOnce() {
    var id = store("x@a.example", "y@b.example");
    spool.record(id, List.of(done(0), new SpoolEvent.Held(NOW)));

    var summary = run(LastEnd.CLEAN);

    assertThat(index.all()).hasSize(1).first().satisfies(row -> {
      assertThat(row.recipient()).isEqualTo(SECOND);
      assertThat(row.destination()).isEqualTo(new Destination("b.example"));
      assertThat(row.due()).isEqualTo(NOW);
      assertThat(row.held()).isTrue();
    });
    assertThat(summary).returns(1L, Summary::entries).returns(1L, Summary::added);
  }

  @Test
  void whatItsSenderWantsSentOnLaterIsDueThenUnlessItWasReleased() {
    var later = NOW.plusSeconds(3600);
    var plain = envelope("s@s.example", "x@a.example");
    var asked = plain.with(new Handling(Optional.empty(),
        Optional.of(new Handling.Release(later, new FutureRelease.HoldUntil(later))), Optional.empty(),
        Handling.TlsWish.USUAL, List.of(), Optional.empty(), Optional.empty()));
    var id = spool.put(asked, NOW, new byte[1]).id();
    run(LastEnd.CLEAN);
    assertThat(index.all()).singleElement().satisfies(row -> assertThat(row.due()).isEqualTo(later));
    assertThat(index.scheduled(NOW)).isEqualTo(1);
    spool.record(id, List.of(new SpoolEvent.ReleasedEarly(NOW)));
    run(LastEnd.UNCLEAN);
    assertThat(index.all()).singleElement().satisfies(row -> assertThat(row.due()).isEqualTo(NOW));
  }

  @Test
  void dropsWhatTheSpoolDoesNotHave() {
    index.apply(changes(Messages.addition(id(9), NOW, NOW, envelope("s@s.example", "x@a.example"))));

    var summary = run(LastEnd.CLEAN);

    assertThat(index.all()).isEmpty();
    assertThat(summary).returns(0L, Summary::entries).returns(1L, Summary::dropped);
  }

  @Test
  void leavesWhatBothKnowAsItIs() {
    var id = store("x@a.example");
    run(LastEnd.CLEAN);
    defer(id, FIRST, NOW.plusSeconds(300));
    var before = index.all();

    var summary = run(LastEnd.UNCLEAN);

    assertThat(index.all()).isEqualTo(before);
    assertThat(summary).returns(0L, Summary::added).returns(0L, Summary::corrected);
  }

  @ParameterizedTest
  @CsvSource({"CLEAN, 1", "UNCLEAN, 1", "POWER_LOST, 2"})
  void findsRowsThatAPowerCutTookFromTheIndex(LastEnd lastEnd, int rows) {
    var id = store("x@a.example", "y@b.example");
    run(LastEnd.CLEAN);
    index.lose(id, SECOND);

    run(lastEnd);

    assertThat(index.all()).hasSize(rows);
  }

  /** Whatever was recorded of it, a message is compared until the index has taken note. */
  @Test
  void findsRowsThatAPowerCutTookOfAMessageThatItHadToReadBefore() {
    var id = store("x@a.example", "y@b.example", "z@c.example");
    run(LastEnd.CLEAN);
    spool.record(id, List.of(done(0)));
    run(LastEnd.POWER_LOST);
    index.lose(id, SECOND);

    run(LastEnd.POWER_LOST);

    assertThat(index.all()).extracting(Listing::recipient).containsExactly(SECOND, new RecipientNumber(2));
  }

  @Test
  void readsAfterAPowerCutOnlyEntriesThatAreNotAsTheIndexKnows() {
    IntStream.range(0, 1_000).forEach(_ -> store("x@a.example", "y@b.example"));
    run(LastEnd.CLEAN);
    spool.record(spool.ids().get(7), List.of(done(0)));
    index.lose(spool.ids().get(8), SECOND);
    long before = spool.reads();

    assertThat(run(LastEnd.POWER_LOST).corrected()).isEqualTo(2);
    assertThat(spool.reads() - before).isEqualTo(2);
    run(LastEnd.POWER_LOST);
    assertThat(spool.reads() - before).isEqualTo(2);
  }

  @Test
  void looksAtTheEventsAfterAnUncleanEnd() {
    var id = store("x@a.example", "y@b.example");
    run(LastEnd.CLEAN);
    defer(id, SECOND, NOW.plusSeconds(300));
    spool.record(id, List.of(done(0), new SpoolEvent.Held(NOW)));

    assertThat(run(LastEnd.CLEAN).corrected()).isZero();
    assertThat(index.all()).hasSize(2);

    assertThat(run(LastEnd.UNCLEAN).corrected()).isEqualTo(1);
    assertThat(index.all()).hasSize(1).first().satisfies(row -> {
      assertThat(row.recipient()).isEqualTo(SECOND);
      assertThat(row.due()).isEqualTo(NOW.plusSeconds(300));
      assertThat(row.held()).isTrue();
    });
    assertThat(run(LastEnd.UNCLEAN).corrected()).isZero();
  }

  @Test
  void readsOnlyEntriesThatAreNotAsLongAsTheIndexKnows() {
    IntStream.range(0, 1_000).forEach(_ -> store("x@a.example", "y@b.example"));
    run(LastEnd.CLEAN);
    var changed = spool.ids().get(7);
    spool.record(changed, List.of(done(0)));
    long before = spool.reads();

    assertThat(run(LastEnd.UNCLEAN).corrected()).isEqualTo(1);
    assertThat(spool.reads() - before).isEqualTo(1);
    run(LastEnd.UNCLEAN);
    run(LastEnd.CLEAN);
    assertThat(spool.reads() - before).isEqualTo(1);
  }

  @Test
  void readsOnceWhoseLengthTheIndexWasNotTold() {
    var id = store("x@a.example");
    index.apply(changes(addition(spool.read(id).orElseThrow())));
    long before = spool.reads();

    run(LastEnd.UNCLEAN);
    run(LastEnd.UNCLEAN);

    assertThat(spool.reads() - before).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void removesEntriesThatNobodyWaitsFor(boolean isIndexed) {
    var id = store("x@a.example");
    if (isIndexed) {
      run(LastEnd.CLEAN);
    }
    spool.record(id, List.of(done(0)));

    assertThat(run(LastEnd.UNCLEAN).completed()).isEqualTo(1);

    assertThat(spool.ids()).isEmpty();
    assertThat(index.all()).isEmpty();
  }

  @Test
  void movesWhatWaitsToTheRoutesOfToday() {
    store("x@a.example");
    run(LastEnd.CLEAN);

    new Reconciliation(spool, index, _ -> new Destination("smtp://relay:25"), InstantSource.fixed(NOW))
        .run(LastEnd.CLEAN);

    assertThat(index.all()).extracting(Listing::destination).containsExactly(new Destination("smtp://relay:25"));
  }

  @Test
  void addsMoreThanABatch() {
    IntStream.range(0, 1_234).forEach(_ -> store("x@a.example"));

    assertThat(run(LastEnd.CLEAN).added()).isEqualTo(1_234);
    assertThat(index.all()).hasSize(1_234);
  }

  @Test
  void leavesOutWhatCannotBeReadAndAddsTheRest() {
    var damaged = store("x@a.example");
    var sound = store("y@b.example");
    spool.damage(damaged);

    var summary = run(LastEnd.CLEAN);

    assertThat(index.all()).extracting(Listing::id).containsExactly(sound);
    assertThat(spool.ids()).containsExactly(damaged, sound);
    assertThat(summary).returns(2L, Summary::entries).returns(1L, Summary::added).returns(1L, Summary::unreadable);
  }

  @Test
  void leavesWhatCannotBeReadAsTheIndexHasItAndCorrectsTheRest() {
    var damaged = store("x@a.example", "y@b.example");
    var sound = store("x@a.example", "y@b.example");
    run(LastEnd.CLEAN);
    spool.record(damaged, List.of(done(0)));
    spool.record(sound, List.of(done(0)));
    spool.damage(damaged);

    var summary = run(LastEnd.UNCLEAN);

    assertThat(index.all()).extracting(Listing::id).containsExactly(damaged, damaged, sound);
    assertThat(summary).returns(1L, Summary::corrected).returns(1L, Summary::unreadable);
  }

  static IntStream seeds() {
    return IntStream.range(0, 200);
  }

  /** Whatever the index missed of a random history, afterwards it says what the spool says. */
  @ParameterizedTest
  @MethodSource("seeds")
  void bringsAnyIndexUpToDate(int seed) {
    var random = new Random(seed);
    for (int step = 0; step < 40; step++) {
      step(random);
    }

    run(LastEnd.UNCLEAN);

    var waiting = new HashMap<QueueId, Map<RecipientNumber, Boolean>>();
    index.all()
        .forEach(
            row -> waiting.computeIfAbsent(row.id(), _ -> new TreeMap<>()).put(row.recipient(), row.held()));
    assertThat(waiting).isEqualTo(waitingInSpool());
  }

  private Map<QueueId, Map<RecipientNumber, Boolean>> waitingInSpool() {
    var waiting = new HashMap<QueueId, Map<RecipientNumber, Boolean>>();
    for (var id : spool.ids()) {
      var entry = spool.read(id).orElseThrow();
      assertThat(entry.pending()).isNotEmpty();
      entry.pending()
          .forEach(
              number -> waiting.computeIfAbsent(id, _ -> new TreeMap<>()).put(number, entry.isHeld()));
    }
    return waiting;
  }

  /** One thing that happens to the spool; half of the time the index hears of it. */
  private void step(Random random) {
    boolean isHeard = random.nextBoolean();
    var ids = spool.ids();
    if (ids.isEmpty() || random.nextInt(3) == 0) {
      var id = store("x@a.example", "y@b.example", "z@c.example");
      if (isHeard) {
        index.apply(changes(addition(spool.read(id).orElseThrow())));
      }
      return;
    }
    var id = ids.get(random.nextInt(ids.size()));
    switch (random.nextInt(5)) {
      case 0 -> {
        spool.remove(id);
        hear(isHeard, new Changes(List.of(), List.of(), List.of(), List.of(id)));
      }
      case 1 -> {
        spool.record(id, List.of(new SpoolEvent.Held(NOW)));
        if (isHeard) {
          index.setHeld(List.of(id), true);
        }
      }
      case 2 -> spool.record(id, List.of(new SpoolEvent.Released(NOW), new SpoolEvent.DelayReported(FIRST, NOW)));
      default -> {
        int number = random.nextInt(3);
        spool.record(id, List.of(done(number)));
        hear(isHeard,
            new Changes(List.of(), List.of(), List.of(new Finish(id, new RecipientNumber(number))), List.of()));
      }
    }
  }

  private void hear(boolean isHeard, Changes changes) {
    if (isHeard) {
      index.apply(changes);
    }
  }

  private Summary run(LastEnd lastEnd) {
    return new Reconciliation(spool, index, ReconciliationTest::route, InstantSource.fixed(NOW)).run(lastEnd);
  }

  private static Destination route(Mailbox recipient) {
    return new Destination(recipient.host().toString());
  }

  private QueueId store(String... to) {
    return spool.put(envelope("s@s.example", to), NOW, new byte[10]).id();
  }

  private static Addition addition(SpoolEntry entry) {
    var destinations = new TreeMap<RecipientNumber, Destination>();
    entry.pending()
        .forEach(number -> destinations.put(number, route(entry.message().envelope().recipient(number).address())));
    return new Addition(entry, destinations, NOW);
  }

  private static Changes changes(Addition... additions) {
    return new Changes(new ArrayList<>(List.of(additions)), List.of(), List.of(), List.of());
  }

  private void defer(QueueId id, RecipientNumber recipient, Instant due) {
    index.apply(new Changes(List.of(), List.of(new Deferral(id, recipient, due, 1, "later")), List.of(), List.of()));
  }

  private static SpoolEvent done(int number) {
    return new SpoolEvent.Finished(new RecipientNumber(number), NOW, EnhancedStatus.of("2.0.0"), "250 ok");
  }
}
