package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.Outcome.Handover;
import org.posthorn.queue.QueueControl.Mode;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.ReversePath;

class DeliverByTest {
  private static final Instant START = QueueFixture.START;
  private static final Destination NET = new Destination("example.net");

  private final QueueFixture queue;

  DeliverByTest(@TempDir Path folder) {
    queue = new QueueFixture(folder.resolve("pauses"));
  }

  private QueuedMessage submit(DeliverBy by) {
    return submit(by, Recipient.of(QueueFixture.mailbox("b@example.net")));
  }

  private QueuedMessage submit(DeliverBy by, Recipient... to) {
    var deadline = new Handling.Deadline(queue.clock.instant().plusSeconds(by.seconds()), by.mode(), by.isTraced());
    var plain = QueueFixture.envelope("a@example.org", to);
    return queue.submit(plain.with(new Handling(Optional.of(deadline), Optional.empty(), Optional.of(new Priority(3)),
        Handling.TlsWish.USUAL, Handling.PLAIN.solicitations(), Optional.empty(), Optional.empty())));
  }

  /** Submits a message that waits in the index alone, as its destination is paused. */
  private void submitWhilePaused(DeliverBy by) {
    queue.control().pause(NET, new Pause("x", Optional.empty()));
    submit(by);
    queue.run();
    queue.scheduler.withdraw(NET);
  }

  private static DeliverBy within(long seconds) {
    return new DeliverBy(seconds, DeliverBy.Mode.RETURN, false);
  }

  private static DeliverBy notified(long seconds) {
    return new DeliverBy(seconds, DeliverBy.Mode.NOTIFY, false);
  }

  private Report onlyReport() {
    assertThat(queue.reports.all()).hasSize(1);
    return queue.reports.all().getFirst();
  }

  private void assertReturnedAt(Instant at) {
    assertThat(onlyReport().at()).isEqualTo(at);
    assertThat(queue.reports.lines()).containsExactly("0 FAILED");
    assertThat(onlyReport().lines().getFirst().diagnostic().status()).hasToString("5.4.7");
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void returnsWhatIsNotDeliveredInTimeWhenTheTimeIsOver() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(within(7200));
    queue.run();
    queue.pass(Duration.ofHours(3), Duration.ofSeconds(30));
    assertReturnedAt(START.plusSeconds(7200));
    assertThat(onlyReport().lines().getFirst().diagnostic().text()).contains("2026-11-22T10:00:00Z", "mailbox full");
  }

  @Test
  void aBugAtOneMessageIsNoReasonToForgetTheTimesOfOthers() {
    submitWhilePaused(within(600));
    submitWhilePaused(within(700));
    queue.spool.failWhen(operation -> {
      throw new IllegalStateException("a bug at " + operation);
    });
    queue.pass(Duration.ofSeconds(601), Duration.ofSeconds(1));
    queue.spool.failWhen(_ -> false);
    queue.pass(Duration.ofSeconds(99), Duration.ofSeconds(1));
    assertThat(queue.reports.all()).hasSize(2);
  }

  @Test
  void triesOnceMoreShortlyBeforeTheTimeIsOver() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(within(1200)); // the usual tries are at 0, 5 and 15 min, and the next would be at 35
    queue.run();
    queue.pass(Duration.ofSeconds(1169), Duration.ofSeconds(1));
    assertThat(queue.delivery.tried()).hasSize(3);
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.pass(Duration.ofSeconds(1), Duration.ofSeconds(1));
    assertThat(queue.delivery.tried()).hasSize(4);
    assertThat(queue.reports.all()).isEmpty();
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void returnsWhatWaitsForADestinationThatDoesNotAnswer() {
    queue.delivery.at("example.net", FixedDelivery.UNREACHED);
    for (int i = 0; i < 10; i++) {
      queue.submit("a@example.org", "u" + i + "@example.net");
    }
    queue.run();
    submit(within(100));
    queue.run();
    queue.pass(Duration.ofSeconds(101), Duration.ofSeconds(1));
    assertReturnedAtOf(START.plusSeconds(100));
  }

  private void assertReturnedAtOf(Instant at) {
    assertThat(queue.reports.all()).singleElement().satisfies(report -> assertThat(report.at()).isEqualTo(at));
  }

  @Test
  void returnsWhatWaitsInMemoryForItsFirstAttempt() {
    submit(within(60)); // no lane runs
    queue.clock.advance(Duration.ofSeconds(60));
    queue.scheduler.step();
    assertThat(queue.delivery.tried()).isEmpty();
    assertReturnedAt(START.plusSeconds(60));
  }

  @Test
  void returnsWhatCameInJustBeforeTheIndexFailed() {
    submit(within(60));
    submit(notified(60)); // no lane runs
    queue.scheduler.step();
    queue.index.fail(true);
    queue.clock.advance(Duration.ofSeconds(60));
    queue.scheduler.step();
    queue.clock.advance(Duration.ofSeconds(30)); // a notice waits so long for what else is tried
    queue.scheduler.step();
    assertThat(queue.reports.lines()).containsExactly("0 FAILED", "0 DELAYED");
  }

  @Test
  void returnsInTimeWhatTheFailingIndexHasNotLearntToDefer() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(within(1800));
    queue.scheduler.step();
    queue.index.fail(true);
    assertThat(queue.threads.runOne()).isTrue();
    queue.clock.advance(Duration.ofMinutes(30));
    assertThatThrownBy(queue.scheduler::step).isInstanceOf(StoreException.class);
    assertThat(queue.reports.lines()).containsExactly("0 FAILED");
    queue.index.fail(false);
    queue.run();
    assertReturnedAt(START.plusSeconds(1800));
  }

  @Test
  void returnsWhatWaitsForAPausedDestinationAndAfterARestart() {
    submitWhilePaused(within(600));
    queue.restart();
    queue.scheduler.pause();
    queue.pass(Duration.ofSeconds(601), Duration.ofSeconds(1));
    assertReturnedAt(START.plusSeconds(600));
    assertThat(onlyReport().lines().getFirst().attemptedAt()).isEmpty();
  }

  @Test
  void returnsInTimeAfterTheClockWasSetBack() {
    submitWhilePaused(notified(3600));
    queue.pass(Duration.ofSeconds(3600), Duration.ofSeconds(60));
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED");
    queue.clock.set(START);
    submitWhilePaused(within(600));
    queue.pass(Duration.ofSeconds(600), Duration.ofSeconds(60));
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED", "0 FAILED");
  }

  @Test
  void whatAnOperatorHoldsIsReturnedWhenItIsReleased() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(within(600));
    queue.run();
    queue.control().hold(QueueFilter.ALL, Mode.ACT);
    queue.pass(Duration.ofSeconds(900), Duration.ofSeconds(10));
    assertThat(queue.reports.all()).isEmpty();
    queue.control().release(QueueFilter.ALL, Mode.ACT);
    queue.run();
    assertReturnedAt(START.plusSeconds(900));
    assertThat(queue.delivery.tried()).hasSizeLessThan(4);
  }

  @Test
  void whatAnOperatorHoldsForAPausedDestinationIsReturnedWhenItIsReleased() {
    submitWhilePaused(within(600));
    queue.control().hold(QueueFilter.ALL, Mode.ACT);
    queue.pass(Duration.ofSeconds(900), Duration.ofSeconds(10));
    assertThat(queue.reports.all()).isEmpty();
    queue.control().release(QueueFilter.ALL, Mode.ACT);
    queue.run();
    assertReturnedAt(START.plusSeconds(900));
  }

  @Test
  void aShortLifetimeStillCounts() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(within(Duration.ofDays(20).toSeconds()));
    queue.run();
    queue.pass(Duration.ofDays(6), Duration.ofMinutes(10));
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED", "0 FAILED");
    assertThat(queue.reports.all().getLast().at()).isEqualTo(START.plus(Duration.ofDays(5)));
  }

  @Test
  void tellsOfADelayOnceWhenTheSenderWantedToKnowAndGoesOn() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(notified(1800));
    queue.run();
    queue.pass(Duration.ofHours(9), Duration.ofMinutes(1));
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED");
    assertThat(onlyReport().at()).isEqualTo(START.plusSeconds(1800));
    assertThat(onlyReport().lines().getFirst().diagnostic().status()).hasToString("4.4.7");
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.pass(Duration.ofHours(9), Duration.ofMinutes(10));
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.reports.all()).hasSize(1);
  }

  @Test
  void tellsOfADelayWhileTheDestinationIsPausedAndNotAgainAfterARestart() {
    submitWhilePaused(notified(60));
    queue.pass(Duration.ofSeconds(61), Duration.ofSeconds(1));
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED");
    queue.restart();
    queue.pass(Duration.ofSeconds(61), Duration.ofSeconds(1));
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED");
  }

  @Test
  void aTimeThatWasOverBeforeIsReportedWhenTheFirstAttemptFails() {
    submit(notified(-5));
    queue.run();
    assertThat(queue.reports.all()).isEmpty();
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(notified(-5));
    queue.run();
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED");
  }

  @Test
  void whoWantsNoReportsGetsNone() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    var silent = new Recipient(QueueFixture.mailbox("b@example.net"), Optional.of(NotifyOn.NEVER), Optional.empty());
    submit(within(60), silent);
    submit(notified(60), silent);
    queue.run();
    queue.pass(Duration.ofMinutes(5), Duration.ofSeconds(5));
    assertThat(queue.reports.all()).isEmpty();
    assertThat(queue.spool.ids()).hasSize(1);
  }

  @ParameterizedTest(name = "{0}, NOTIFY={1}, handed to {2} that was told by when: {3}")
  @CsvSource({"60;N, -, NEXT_HOP, false, RELAYED", "60;N, -, NEXT_HOP_WITH_DSN, false, RELAYED",
      "60;N, -, NEXT_HOP_WITH_DSN, true, ", "60;N, -, MAILBOX, false, ", "60;N, NEVER, NEXT_HOP, false, ",
      "-60;N, -, NEXT_HOP, false, ", "60;NT, -, NEXT_HOP_WITH_DSN, true, RELAYED", "60;RT, -, NEXT_HOP, true, RELAYED",
      "60;RT, FAILURE, NEXT_HOP_WITH_DSN, true, RELAYED", "60;R, -, NEXT_HOP_WITH_DSN, true, ",
      "60;RT, NEVER, NEXT_HOP, true, ", "60;RT, -, MAILBOX, false, "})
  void reportsThatItWasRelayedWhereTheStandardWantsIt(String by, String notify, Handover handover, boolean knows,
      String expected) {
    queue.delivery.at("example.net",
        FixedDelivery.each(new Outcome.Delivered(Diagnostic.ours("2.0.0", "ok"), handover, knows, false)));
    var asked = new DeliverBy(Long.parseLong(by.split(";", 2)[0]),
        by.contains("R") ? DeliverBy.Mode.RETURN : DeliverBy.Mode.NOTIFY, by.endsWith("T"));
    Optional<NotifyOn> on = switch (notify) {
      case "-" -> Optional.empty();
      case "NEVER" -> Optional.of(NotifyOn.NEVER);
      default -> Optional.of(NotifyOn.of(NotifyOn.Condition.FAILURE));
    };
    submit(asked, new Recipient(QueueFixture.mailbox("b@example.net"), on, Optional.empty()));
    queue.run();
    assertThat(queue.reports.lines().stream().map(line -> line.substring(2)).findFirst())
        .isEqualTo(Optional.ofNullable(expected));
  }

  @Test
  void reportsAreAsUrgentAsWhatTheyAreAbout() {
    queue.delivery.at("example.net", FixedDelivery.FAILED);
    submit(within(60));
    queue.run();
    assertThat(queue.delivery.tasks().getLast().message().envelope())
        .satisfies(report -> assertThat(report.from()).isEqualTo(ReversePath.NULL))
        .satisfies(report -> assertThat(report.handling()).isEqualTo(Handling.PLAIN.with(new Priority(3))));
  }
}
