package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.queue.Messages.addition;
import static org.posthorn.queue.Messages.envelope;
import static org.posthorn.queue.Messages.id;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Listing;
import org.posthorn.queue.QueueIndex.Row;
import org.posthorn.queue.QueueIndex.Size;
import org.posthorn.queue.QueueIndex.Waiting;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;

/** What every index of the queue must do. */
public abstract class QueueIndexContract extends QueueScheduleContract {
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
  void tellsTheLengthOnlyWhereItHasTheRecipientsThatItHadThen() {
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
}
