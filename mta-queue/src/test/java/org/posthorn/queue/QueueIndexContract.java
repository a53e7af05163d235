package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.queue.Messages.addition;
import static org.posthorn.queue.Messages.envelope;
import static org.posthorn.queue.Messages.id;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Aged;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Listing;
import org.posthorn.queue.QueueIndex.Row;
import org.posthorn.queue.QueueIndex.Size;
import org.posthorn.queue.QueueIndex.Told;
import org.posthorn.queue.QueueIndex.Waiting;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.FutureRelease;
import org.posthorn.smtp.MailHost;
import org.posthorn.smtp.Priority;

/** What every index of the queue must do. */
public abstract class QueueIndexContract {
  /** The time of the tests. */
  protected static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123Z");
  private static final Instant LATER = NOW.plusSeconds(300);
  private static final Destination A = new Destination("a.example");
  private static final Destination B = new Destination("b.example");
  private static final RecipientNumber FIRST = new RecipientNumber(0);
  private static final RecipientNumber SECOND = new RecipientNumber(1);

  private QueueIndex index;

  /** Opens an empty index. */
  protected abstract QueueIndex open() throws Exception;

  @BeforeEach
  void openIndex() throws Exception {
    index = open();
  }

  @AfterEach
  void closeIndex() {
    index.close();
  }

  private static QueueIndex.Addition asked(QueueId id, Optional<Instant> deadline, Optional<Instant> release) {
    var plain = Messages.envelope("a@example.org", "x@a.example");
    var handling = new Handling(
        deadline.map(at -> new Handling.Deadline(at, DeliverBy.Mode.RETURN, false)),
        release.map(at -> new Handling.Release(at, new FutureRelease.HoldUntil(at))), Optional.empty(),
        Handling.TlsWish.USUAL, List.of(), Optional.empty(), Optional.empty());
    return Messages.addition(id, NOW, release.orElse(NOW), new Envelope(plain.from(), plain.recipients(), plain.body(),
        false, Optional.empty(), Optional.empty(), "local", handling));
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
    return Messages.addition(id(number), NOW, due, new Envelope(plain.from(), plain.recipients(), plain.body(), false,
        Optional.empty(), Optional.empty(), "local", Handling.PLAIN.with(new Priority(priority))));
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

  @Test
  void defersARecipientWithWhatThePeerSaid() {
    add(message(1, NOW, "x@a.example", "y@a.example"));

    apply(List.of(), List.of(new Deferral(id(1), FIRST, LATER, 3, "450 4.2.0 later")), List.of(), List.of());

    assertThat(index.due(A, NOW, 10, Set.of())).extracting(Row::recipient).containsExactly(SECOND);
    assertThat(index.due(A, LATER, 10, Set.of())).contains(new Row(id(1), FIRST, A, LATER, 3));
    assertThat(find(QueueFilter.ALL)).extracting(Listing::lastReply)
        .containsExactly(Optional.of("450 4.2.0 later"), Optional.empty());
  }

  @Test
  void appliesABatchInTheOrderOfItsParts() {
    apply(List.of(message(1, NOW, "x@a.example", "y@a.example"), message(2, NOW, "x@a.example")),
        List.of(new Deferral(id(1), FIRST, LATER, 1, "later")), List.of(new Finish(id(1), SECOND)), List.of(id(2)));

    assertThat(index.due(A, LATER, 10, Set.of())).containsExactly(new Row(id(1), FIRST, A, LATER, 1));
    assertThat(ids()).containsExactly(id(1));
  }

  @Test
  void ignoresChangesOfWhatItDoesNotKnow() {
    apply(List.of(), List.of(new Deferral(id(1), FIRST, LATER, 1, "later")), List.of(new Finish(id(1), FIRST)),
        List.of(id(1)));
    index.setHeld(List.of(id(1)), true);
    index.reschedule(List.of(id(1)), NOW);

    assertThat(ids()).isEmpty();
    assertThat(index.waiting()).isEmpty();
  }

  @Test
  void replacesAMessageThatIsAddedAgain() {
    add(message(1, NOW, "x@a.example", "y@a.example"));
    add(message(1, LATER, "x@a.example"));

    assertThat(index.due(A, LATER, 10, Set.of())).containsExactly(new Row(id(1), FIRST, A, LATER, 0));
    assertThat(index.waiting()).containsExactly(new Waiting(A, 1, LATER));
  }

  @Test
  void countsWhoWaitsForWhom() {
    add(message(1, LATER, "x@a.example", "y@a.example", "z@b.example"), message(2, NOW, "x@a.example"),
        message(3, NOW, "x@b.example"));
    assertThat(index.waiting()).containsExactlyInAnyOrder(new Waiting(A, 3, NOW), new Waiting(B, 2, NOW));

    apply(List.of(), List.of(), List.of(new Finish(id(1), FIRST)), List.of(id(3)));
    assertThat(index.waiting()).containsExactlyInAnyOrder(new Waiting(A, 2, NOW), new Waiting(B, 1, LATER));

    index.setHeld(List.of(id(1)), true);
    assertThat(index.waiting()).containsExactly(new Waiting(A, 1, NOW));

    apply(List.of(), List.of(), List.of(), List.of(id(2)));
    assertThat(index.waiting()).isEmpty();

    index.setHeld(List.of(id(1)), false);
    assertThat(index.waiting()).containsExactlyInAnyOrder(new Waiting(A, 1, LATER), new Waiting(B, 1, LATER));
  }

  @Test
  void countsAllThatWaits() {
    assertThat(index.size()).isEqualTo(new Size(0, 0));
    add(message(1, LATER, "x@a.example", "y@a.example", "z@b.example"), message(2, NOW, "x@a.example"));
    index.setHeld(List.of(id(1)), true);
    assertThat(index.size()).isEqualTo(new Size(1, 3));

    apply(List.of(), List.of(), List.of(new Finish(id(1), FIRST)), List.of(id(2)));
    assertThat(index.size()).isEqualTo(new Size(0, 2));

    index.reroute(_ -> B);
    index.setHeld(List.of(id(1)), false);
    assertThat(index.size()).isEqualTo(new Size(2, 0));
    assertThat(index.waiting()).containsExactly(new Waiting(B, 2, LATER));
  }

  @Test
  void isFilledAndThenWorksLikeAnyOther() {
    index.fill(sink -> {
      sink.accept(List.of(message(1, NOW, "x@a.example", "y@b.example")));
      sink.accept(List.of(message(2, LATER, "x@a.example"),
          addition(id(3), NOW, NOW, envelope("s@s.example", "x@a.example"), new SpoolEvent.Held(NOW))));
    });

    assertThat(ids()).containsExactly(id(1), id(2), id(3));
    assertThat(index.size()).isEqualTo(new Size(3, 1));
    assertThat(index.due(A, NOW, 10, Set.of())).containsExactly(new Row(id(1), FIRST, A, NOW, 0));
    assertThat(found(byDomain("b.example"))).containsExactly("1.1");

    add(message(1, LATER, "x@a.example"), message(4, NOW, "x@b.example"));
    apply(List.of(), List.of(), List.of(), List.of(id(2)));
    assertThat(index.waiting()).containsExactlyInAnyOrder(new Waiting(A, 1, LATER), new Waiting(B, 1, NOW));
  }

  @Test
  void remembersHowLongTheEntryWasThatItAgreesWith() {
    var known = message(1, NOW, "x@a.example");
    add(new Addition(known.entry(), known.destinations(), NOW, 700), message(2, NOW, "x@a.example"));
    index.confirm(Map.of(id(2), 800L));

    var lengths = new HashMap<QueueId, Long>();
    index.forEachLength(lengths::put);
    assertThat(lengths).containsOnly(Map.entry(id(1), 700L), Map.entry(id(2), 800L));
  }

  @Test
  void tellsTheLengthOnlyWhereItHasAsManyRecipientsAsThen() {
    var two = message(1, NOW, "x@a.example", "y@a.example");
    add(new Addition(two.entry(), two.destinations(), NOW, 700));
    assertThat(wholeLengths()).containsOnly(Map.entry(id(1), 700L));

    apply(List.of(), List.of(), List.of(new Finish(id(1), FIRST)), List.of());
    assertThat(wholeLengths()).containsOnly(Map.entry(id(1), 0L));

    index.confirm(Map.of(id(1), 800L));
    assertThat(wholeLengths()).containsOnly(Map.entry(id(1), 800L));
  }

  private Map<QueueId, Long> wholeLengths() {
    var lengths = new HashMap<QueueId, Long>();
    index.forEachWholeLength(lengths::put);
    return lengths;
  }

  @Test
  void holdsBackUntilReleased() {
    add(message(1, NOW, "x@a.example"),
        addition(id(2), NOW, NOW, envelope("s@s.example", "x@a.example"), new SpoolEvent.Held(NOW)));
    index.setHeld(List.of(id(1)), true);
    index.setHeld(List.of(id(1)), true);

    assertThat(index.due(A, NOW, 10, Set.of())).isEmpty();
    assertThat(find(QueueFilter.ALL)).extracting(Listing::held).containsExactly(true, true);

    apply(List.of(), List.of(), List.of(), List.of(id(2)));
    index.setHeld(List.of(id(1)), false);
    assertThat(index.due(A, NOW, 10, Set.of())).extracting(Row::id).containsExactly(id(1));
  }

  @Test
  void reschedulesAllRecipientsOfAMessage() {
    add(message(1, LATER, "x@a.example", "y@b.example"), message(2, LATER, "x@a.example"));

    index.reschedule(List.of(id(1)), NOW);

    assertThat(index.due(A, NOW, 10, Set.of())).extracting(Row::id).containsExactly(id(1));
    assertThat(index.due(B, NOW, 10, Set.of())).extracting(Row::id).containsExactly(id(1));
  }

  @Test
  void reschedulesNothingThatIsDueSooner() {
    add(message(1, NOW, "x@a.example"));

    index.reschedule(List.of(id(1)), LATER);

    assertThat(index.waiting()).containsExactly(new Waiting(A, 1, NOW));
  }

  @Test
  void findsByWhateverAnOperatorAsksFor() {
    add(addition(id(1), NOW, NOW, envelope("Ann@s.example", "Bob@a.example", "x@b.example")),
        addition(id(2), LATER, NOW, envelope("", "bob@a.example")),
        addition(id(3), LATER, NOW, envelope("eve@s.example", "x@b.example")));
    index.setHeld(List.of(id(3)), true);

    assertThat(found(QueueFilter.ALL)).containsExactly("1.0", "1.1", "2.0", "3.0");
    assertThat(found(QueueFilter.of(id(3), id(1), id(3)))).containsExactly("1.0", "1.1", "3.0");
    assertThat(found(bySender("ann@S.EXAMPLE"))).containsExactly("1.0", "1.1");
    assertThat(found(bySender(""))).containsExactly("2.0");
    assertThat(found(byRecipient("BOB@a.example"))).containsExactly("1.0", "2.0");
    assertThat(found(byDomain("B.example"))).containsExactly("1.1", "3.0");
    assertThat(
        found(filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(LATER), Optional.empty())))
        .containsExactly("1.0", "1.1");
    assertThat(found(filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(true))))
        .containsExactly("3.0");
    assertThat(found(filter(Optional.of("ann@s.example"), Optional.empty(), Optional.of("b.example"),
        Optional.of(LATER), Optional.of(false)))).containsExactly("1.1");
    assertThat(found(bySender("nobody@s.example"))).isEmpty();
  }

  @Test
  void listsAllThereIsToKnow() {
    add(addition(id(1), NOW.minusSeconds(5), NOW, envelope("s@s.example", "x@a.example")));

    assertThat(find(QueueFilter.ALL)).containsExactly(new Listing(id(1), NOW.minusSeconds(5), 1_000, "s@s.example",
        FIRST, "x@a.example", A, false, 0, NOW, Optional.empty()));
  }

  @Test
  void findsMoreThanAPage() {
    var ids = IntStream.range(0, 2_500).mapToObj(Messages::id).toList();
    add(ids.stream()
        .map(id -> addition(id, NOW, NOW, envelope("s@s.example", "x@a.example", "y@a.example")))
        .toArray(Addition[]::new));

    assertThat(ids()).containsExactlyElementsOf(ids);
    assertThat(find(QueueFilter.ALL)).hasSize(5_000).extracting(Listing::id).isSorted();
    assertThat(find(byDomain("a.example"))).hasSize(5_000).doesNotHaveDuplicates();
    assertThat(find(bySender("s@s.example"))).hasSize(5_000);
    assertThat(find(QueueFilter.of(ids.toArray(QueueId[]::new)))).hasSize(5_000);
  }

  @Test
  void reroutesByHost() {
    add(message(1, NOW, "x@a.example", "y@a.example", "z@b.example"));
    var asked = new ArrayList<MailHost>();

    index.reroute(host -> {
      asked.add(host);
      return host.equals(new Domain("a.example")) ? new Destination("smtp://relay:25") : B;
    });

    assertThat(asked).containsExactlyInAnyOrder(new Domain("a.example"), new Domain("b.example"));
    assertThat(index.due(new Destination("smtp://relay:25"), NOW, 10, Set.of())).hasSize(2);
    assertThat(index.due(A, NOW, 10, Set.of())).isEmpty();
    assertThat(index.waiting())
        .containsExactlyInAnyOrder(new Waiting(new Destination("smtp://relay:25"), 2, NOW), new Waiting(B, 1, NOW));
  }

  @Test
  void reroutesMoreThanAPage() {
    add(IntStream.range(0, 2_500)
        .mapToObj(i -> message(i, NOW.plusMillis(i), "x@a.example", "y@d" + i + ".example"))
        .toArray(Addition[]::new));
    index.setHeld(List.of(id(7)), true);
    var asked = new ArrayList<MailHost>();

    index.reroute(host -> {
      asked.add(host);
      return host.equals(new Domain("a.example")) ? B : new Destination(host.toString());
    });

    assertThat(asked).hasSize(2_501).doesNotHaveDuplicates();
    assertThat(index.due(A, LATER, 10, Set.of())).isEmpty();
    assertThat(index.due(B, LATER, 5_000, Set.of())).hasSize(2_499);
    assertThat(index.waiting()).hasSize(2_500).contains(new Waiting(B, 2_499, NOW));
    assertThat(index.size()).isEqualTo(new Size(4_998, 2));
  }

  @Test
  void takesTextsLongerThanItKeeps() {
    add(message(1, NOW, "x@a.example"));

    apply(List.of(), List.of(new Deferral(id(1), FIRST, LATER, 1, "4".repeat(100_000))), List.of(), List.of());

    assertThat(find(QueueFilter.ALL).getFirst().lastReply().orElseThrow()).startsWith("444");
  }

  @Test
  void worksForAThreadThatIsInterrupted() {
    Thread.currentThread().interrupt();
    add(message(1, NOW, "x@a.example"));
    assertThat(Thread.interrupted()).isTrue();

    assertThat(ids()).containsExactly(id(1));
  }

  private static Addition message(int number, Instant due, String... to) {
    return addition(id(number), NOW, due, envelope("s@s.example", to));
  }

  private void add(Addition... additions) {
    apply(List.of(additions), List.of(), List.of(), List.of());
  }

  private void apply(List<Addition> added, List<Deferral> deferred, List<Finish> finished, List<QueueId> removed) {
    index.apply(new Changes(added, deferred, finished, removed));
  }

  private List<QueueId> ids() {
    var ids = new ArrayList<QueueId>();
    index.forEachId(ids::add);
    return ids.stream().sorted().toList();
  }

  private List<Listing> find(QueueFilter filter) {
    var listings = new ArrayList<Listing>();
    index.find(filter, listings::add);
    return listings;
  }

  private List<String> found(QueueFilter filter) {
    return find(filter).stream()
        .map(row -> Integer.parseInt(row.id().value()) + "." + row.recipient().value())
        .toList();
  }

  private static QueueFilter bySender(String sender) {
    return filter(Optional.of(sender), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static QueueFilter byRecipient(String recipient) {
    return filter(Optional.empty(), Optional.of(recipient), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static QueueFilter byDomain(String domain) {
    return filter(Optional.empty(), Optional.empty(), Optional.of(domain), Optional.empty(), Optional.empty());
  }

  private static QueueFilter filter(Optional<String> sender, Optional<String> recipient, Optional<String> domain,
      Optional<Instant> before, Optional<Boolean> held) {
    return new QueueFilter(List.of(), sender, recipient, domain, before, held);
  }
}
