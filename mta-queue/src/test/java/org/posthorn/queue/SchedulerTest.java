package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.posthorn.smtp.EnhancedStatus;

class SchedulerTest {
  private final QueueFixture queue = new QueueFixture();

  @Test
  void removesWhatIsDelivered() {
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.delivery.tried()).containsExactly("b@example.net");
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void triesAgainWhatIsDeferred() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.index.all()).singleElement().satisfies(row -> {
      assertThat(row.due()).isEqualTo(QueueFixture.START.plus(Duration.ofMinutes(5)));
      assertThat(row.attempts()).isEqualTo(1);
      assertThat(row.lastReply()).hasValue("mailbox full");
    });
    queue.clock.advance(Duration.ofMinutes(4));
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(1);
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.clock.advance(Duration.ofMinutes(1));
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(2);
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void aBugBeforeAnythingIsSentForgetsNobody() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.spool.failWhen(operation -> {
      throw new IllegalStateException("a bug at " + operation);
    });
    queue.clock.advance(Duration.ofMinutes(5));
    queue.run();
    queue.spool.failWhen(_ -> false);
    queue.clock.advance(Duration.ofMinutes(30));
    queue.run();
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.delivery.tried()).hasSize(2);
  }

  @Test
  void freshMailThatCannotBeTriedForABugIsNotForgottenEither() {
    queue.spool.failWhen(InMemorySpool.Operation.CONTENT::equals);
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.index.all()).singleElement()
        .satisfies(row -> assertThat(row.due()).isEqualTo(QueueFixture.START.plus(Duration.ofMinutes(5))));

    queue.spool.failWhen(_ -> false);
    queue.clock.advance(Duration.ofMinutes(5));
    queue.run();
    assertThat(queue.delivery.tried()).containsExactly("b@example.net");
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void reportsWhatFailed() {
    queue.delivery.at("example.net", FixedDelivery.FAILED);
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.reports.lines()).containsExactly("0 FAILED");
    assertThat(queue.reports.all().getFirst().lines().getFirst().attemptedAt()).hasValue(QueueFixture.START);
    assertThat(queue.delivery.tried()).containsExactly("b@example.net", "a@example.org");
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void recipientsAtOneDestinationTravelTogetherAndAtMostAHundred() {
    var to = IntStream.range(0, 250).mapToObj(i -> "u" + i + "@example.net").toArray(String[]::new);
    queue.submit("a@example.org", to);
    queue.run();
    assertThat(queue.delivery.tasks()).extracting(task -> task.recipients().size()).isEqualTo(List.of(100, 100, 50));
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void sixDaysWithEverythingDownGiveOneReportOfDelayAndOneOfFailure() {
    queue.delivery.at("one.example", FixedDelivery.UNREACHED);
    queue.delivery.at("two.example", FixedDelivery.UNREACHED);
    queue.submit("a@example.org", "b@one.example", "c@two.example");
    queue.run();
    queue.pass(Duration.ofDays(6), Duration.ofMinutes(1));
    assertThat(queue.reports.all()).hasSize(2);
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED", "1 DELAYED", "0 FAILED", "1 FAILED");
    assertThat(queue.reports.all().getFirst().at()).isEqualTo(QueueFixture.START.plus(Duration.ofHours(4)));
    assertThat(queue.reports.all().getLast().at()).isEqualTo(QueueFixture.START.plus(Duration.ofDays(5)));
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void aDestinationWithMuchMailDelaysNobodyElse() {
    withLimits(1, 1000);
    queue.delivery.at("big.example", FixedDelivery.DEFERRED);
    for (int i = 0; i < 3000; i++) {
      queue.submit("a@example.org", "u" + i + "@big.example");
    }
    queue.run();
    queue.clock.advance(Duration.ofHours(1)); // 3,000 are due in the index
    queue.scheduler.step();
    int before = queue.delivery.tasks().size();
    queue.submit("a@example.org", "v@small.example");
    queue.run();
    assertThat(queue.delivery.tried().indexOf("v@small.example") - before).isBetween(0, 50);
    assertThat(queue.delivery.tasks()).hasSize(6001);
  }

  @Test
  void opensNoMoreLanesThanTheDestinationBears() {
    for (int i = 0; i < 100; i++) {
      queue.submit("a@example.org", "u" + i + "@example.net");
    }
    assertThat(queue.threads.size()).isEqualTo(5);
    queue.run();
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void leavesADestinationAloneThatDoesNotAnswerAndProbesItOnce() {
    queue.delivery.at("example.net", FixedDelivery.UNREACHED);
    for (int i = 0; i < 50; i++) {
      queue.submit("a@example.org", "u" + i + "@example.net");
    }
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(3);
    assertThat(queue.index.all()).hasSize(50)
        .allSatisfy(row -> assertThat(row.due()).isAfterOrEqualTo(QueueFixture.START.plus(Duration.ofMinutes(5))))
        .anySatisfy(row -> assertThat(row.lastReply())
            .hasValue("delivery temporarily suspended: connection timed out"));
    queue.submit("a@example.org", "fresh@example.net");
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(3);
    queue.clock.advance(Duration.ofMinutes(5));
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(4);
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.pass(Duration.ofHours(1), Duration.ofMinutes(1));
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void mailThatIsPutOffUntriedNamesNoServerAndCountsNoAttempt() {
    var refused = Optional.of(new RemoteMta("mx.example.net", "192.0.2.1:25"));
    var why = new Outcome.Deferred(new Outcome.Diagnostic(EnhancedStatus.of("4.4.1"), "no connection", false, refused));
    queue.delivery.at("example.net", task -> new Attempt(FixedDelivery.each(why).attempt(task).outcomes(),
        Attempt.SiteState.UNREACHED));
    reportDelaysAfter(Duration.ofSeconds(1));
    for (int i = 0; i < 3; i++) {
      queue.submit("a@example.org", "u" + i + "@example.net");
    }
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(3);

    var untried = queue.submit("a@example.org", "untried@example.net");
    queue.clock.advance(Duration.ofSeconds(2));
    queue.run();

    assertThat(queue.delivery.tried()).doesNotContain("untried@example.net");
    assertThat(queue.reports.all().getLast().lines()).singleElement()
        .satisfies(line -> assertThat(line.diagnostic().remote()).isEmpty());
    var listed = new ArrayList<QueueEntry>();
    queue.control().list(QueueFilter.of(untried.id()), listed::add);
    assertThat(listed).singleElement().satisfies(entry -> {
      assertThat(entry.state()).isEqualTo(QueueEntry.State.DEFERRED);
      assertThat(entry.listing().attempts()).isZero();
      assertThat(entry.listing().lastReply()).hasValue("delivery temporarily suspended: no connection");
    });
  }

  /** Of one message, because the probe of a destination takes a few recipients only. */
  @Test
  void aReportOfDelayDoesNotWaitForTheBackOffThatBeganWhileOthersOfTheMessageWereTried() {
    queue.delivery.at("example.net", FixedDelivery.UNREACHED);
    reportDelaysAfter(Duration.ofMinutes(6));
    for (int i = 0; i < 3; i++) {
      queue.submit("a@example.org", IntStream.range(0, 30).mapToObj(n -> n + "@example.net").toArray(String[]::new));
    }
    queue.run();
    queue.delivery.at("example.net", task -> {
      queue.clock.advance(Duration.ofMinutes(2));
      queue.writes.holdBack(true); // the index takes its time
      return FixedDelivery.UNREACHED.attempt(task);
    });
    queue.clock.advance(Duration.ofMinutes(5));
    queue.run();
    assertThat(queue.delivery.tasks().get(3).recipients()).as("the probe").hasSize(20);

    queue.writes.holdBack(false);
    queue.writes.flush();
    queue.run();
    assertThat(queue.reports.lines()).hasSize(3 * 30).allMatch(line -> line.endsWith(" DELAYED"));
  }

  private void reportDelaysAfter(Duration time) {
    var retry = new RetrySchedule(QueueFixture.RETRY.first(), QueueFixture.RETRY.longest(), 0,
        QueueFixture.RETRY.lifetime(), QueueFixture.RETRY.nullSenderLifetime(), time);
    queue.settings.updateAndGet(now -> new QueueSettings(retry, now.sites(), now.lanes(), now.readyRecipients(),
        now.memoryRecipients(), now.laneIdle(), now.doubleBouncesTo()));
  }

  @Test
  void whatFindsNoRoomInMemoryWaitsInTheIndex() {
    withLimits(200, 10, 20); // one destination may fill half of the memory with fresh mail
    for (int i = 0; i < 100; i++) {
      queue.submit("a@example.org", "u" + i + "@example.net");
    }
    assertThat(queue.index.all()).hasSize(90);
    queue.run();
    assertThat(queue.delivery.tried()).hasSize(100).doesNotHaveDuplicates();
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void leavesADestinationAloneUntilSomethingIsDueHoweverMuchWaits() {
    withLimits(200, 10);
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    for (int i = 0; i < 100; i++) {
      queue.submit("a@example.org", "u" + i + "@example.net");
    }
    queue.run();
    assertThat(queue.index.all()).hasSize(100);
    queue.scheduler.step();
    List<Instant> looksAgain = queue.scheduler.queue()
        .inspect((sites, _) -> sites.values().stream().map(site -> site.nextDue).toList());
    assertThat(looksAgain).containsExactly(QueueFixture.START.plus(Duration.ofMinutes(5)));
  }

  @Test
  void aBugDefersAndNeverBounces() {
    queue.delivery.at("example.net", _ -> {
      throw new IllegalStateException("a bug");
    });
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.reports.all()).isEmpty();
    assertThat(queue.index.all()).singleElement()
        .satisfies(row -> assertThat(row.lastReply()).hasValue("internal error, see the log"));
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.pass(Duration.ofMinutes(6), Duration.ofMinutes(1));
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void anErrorThatEndsALaneGivesItsPlaceToAnother() {
    withLimits(1, 100);
    queue.delivery.at("example.net", _ -> {
      throw new AssertionError("a bug");
    });
    queue.submit("a@example.org", "b@example.net");
    assertThatThrownBy(queue::run).isInstanceOf(AssertionError.class);
    queue.submit("a@example.org", "c@example.com");
    queue.run();
    assertThat(queue.delivery.tried()).containsExactly("b@example.net", "c@example.com");
  }

  @Test
  void waitsForAThreadWhileTheSystemHasNone() {
    queue.threads.isShort(true);
    queue.submit("a@example.org", "b@example.net");
    queue.submit("a@example.org", "c@example.com");
    queue.run();
    assertThat(queue.delivery.tried()).isEmpty();
    queue.threads.isShort(false);
    queue.run();
    assertThat(queue.delivery.tried()).containsExactlyInAnyOrder("b@example.net", "c@example.com");
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void connectsAgainOnlyOnceTheIndexKnowsOfTheDeferral() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    queue.submit("a@example.org", "b@example.net");
    queue.writes.holdBack(true);
    queue.run();
    queue.pass(Duration.ofHours(1), Duration.ofMinutes(1));
    assertThat(queue.delivery.tasks()).hasSize(1);
    queue.writes.holdBack(false);
    queue.writes.flush();
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(2);
  }

  @Test
  void forgetsRowsOfWhichTheSpoolKnowsNothing() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    var message = queue.submit("a@example.org", "b@example.net");
    queue.run();
    queue.spool.remove(message.id());
    queue.clock.advance(Duration.ofHours(1));
    queue.run();
    assertThat(queue.delivery.tasks()).hasSize(1);
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void newSettingsApplyToMailThatIsQueuedAlready() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    queue.settings.updateAndGet(now -> new QueueSettings(new RetrySchedule(Duration.ofMinutes(1), Duration.ofMinutes(1),
        0, Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ZERO), now.sites(), now.lanes(),
        now.readyRecipients(), now.memoryRecipients(), now.laneIdle(), now.doubleBouncesTo()));
    queue.pass(Duration.ofMinutes(10), Duration.ofSeconds(30));
    assertThat(queue.reports.lines()).containsExactly("0 FAILED");
    assertThat(queue.delivery.tried()).hasSize(1 + 6 + 1); // at 0, from 5 to 10 min each minute, and the report
  }

  @Test
  void mailFollowsTheRoutesThatAreInForce() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    queue.submit("a@example.org", "c@example.net");
    queue.delivery.route("example.net", "relay.example");
    queue.scheduler.reroute();
    queue.pass(Duration.ofMinutes(6), Duration.ofMinutes(1));
    assertThat(queue.delivery.tasks()).extracting(task -> task.destination().name())
        .containsExactly("example.net",
            "relay.example", "relay.example");
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void wakesTheDestinationThatTheIndexHasWhenRoutesChangeAmidADeferral() {
    queue.delivery.at("example.net", task -> {
      queue.delivery.routeAfter(1, "example.net", "relay.example");
      return FixedDelivery.DEFERRED.attempt(task);
    });
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.pass(Duration.ofMinutes(6), Duration.ofMinutes(1));
    assertThat(queue.delivery.tasks()).hasSize(2);
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void wakesTheDestinationThatTheIndexHasWhenRoutesChangeWhileAMessageFindsNoRoom() {
    withLimits(200, 10);
    for (int i = 0; i < 10; i++) {
      queue.submit("a@example.org", "u" + i + "@example.net");
    }
    queue.delivery.routeAfter(1, "example.net", "relay.example");
    queue.submit("a@example.org", "c@example.net");
    queue.run();
    assertThat(queue.delivery.tried()).hasSize(11).contains("c@example.net");
    assertThat(queue.spool.ids()).isEmpty();
  }

  private void withLimits(int lanes, int ready) {
    withLimits(lanes, ready, 50_000);
  }

  private void withLimits(int lanes, int ready, int memory) {
    queue.settings.updateAndGet(now -> new QueueSettings(now.retry(), now.sites(), lanes, ready, memory, now.laneIdle(),
        now.doubleBouncesTo()));
  }
}
