package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.InMemorySpool.Operation;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.Outcome.Handover;
import org.posthorn.smtp.NotifyOn;

class SettlementTest {
  private final QueueFixture queue = new QueueFixture();

  private void submit(String from, String notify) {
    Optional<NotifyOn> wish = switch (notify) {
      case "-" -> Optional.empty();
      case "NEVER" -> Optional.of(NotifyOn.NEVER);
      default -> Optional.of(new NotifyOn(
          Stream.of(notify.split("\\+")).map(NotifyOn.Condition::valueOf).collect(Collectors.toSet())));
    };
    queue.submit(QueueFixture.envelope(from,
        new Recipient(QueueFixture.mailbox("b@example.net"), wish, Optional.empty())));
  }

  private static FixedDelivery.Behaviour delivered(Handover handover) {
    return FixedDelivery.each(new Outcome.Delivered(Diagnostic.ours("2.0.0", "ok"), handover));
  }

  @ParameterizedTest(name = "NOTIFY={0}: {1} on failure, {2} in the mailbox, {3} relayed, {4} to a DSN speaker, {5} late")
  @CsvSource({"-, FAILED, , , , DELAYED", "NEVER, , , , , ", "FAILURE, FAILED, , , , ", "DELAY, , , , , DELAYED",
      "SUCCESS, , DELIVERED, RELAYED, , ", "SUCCESS+FAILURE+DELAY, FAILED, DELIVERED, RELAYED, , DELAYED"})
  void tellsTheSenderWhatItAskedFor(String notify, String failed, String mailbox, String relayed, String handedOn,
      String late) {
    assertThat(linesAfter(notify, FixedDelivery.FAILED, Duration.ZERO)).isEqualTo(lines(failed));
    assertThat(linesAfter(notify, delivered(Handover.MAILBOX), Duration.ZERO)).isEqualTo(lines(mailbox));
    assertThat(linesAfter(notify, delivered(Handover.NEXT_HOP), Duration.ZERO)).isEqualTo(lines(relayed));
    assertThat(linesAfter(notify, delivered(Handover.NEXT_HOP_WITH_DSN), Duration.ZERO)).isEqualTo(lines(handedOn));
    assertThat(linesAfter(notify, FixedDelivery.DEFERRED, Duration.ofHours(9))).isEqualTo(lines(late));
  }

  private static List<String> lines(String action) {
    return Stream.ofNullable(action).map(name -> "0 " + name).toList();
  }

  private List<String> linesAfter(String notify, FixedDelivery.Behaviour behaviour, Duration time) {
    int before = queue.reports.lines().size();
    queue.delivery.at("example.net", behaviour);
    submit("a@example.org", notify);
    queue.run();
    queue.pass(time, Duration.ofMinutes(5));
    var lines = queue.reports.lines();
    return lines.subList(before, lines.size());
  }

  @ParameterizedTest(name = "outcome {0}")
  @CsvSource({"FAILED", "DEFERRED", "SENT"})
  void nothingIsEverSentToTheNullSender(String outcome) {
    queue.delivery.at("example.net", switch (outcome) {
      case "FAILED" -> FixedDelivery.FAILED;
      case "DEFERRED" -> FixedDelivery.DEFERRED;
      default -> FixedDelivery.SENT;
    });
    submit("", "SUCCESS+FAILURE+DELAY");
    queue.run();
    queue.pass(Duration.ofDays(3), Duration.ofMinutes(10));
    assertThat(queue.reports.all()).isEmpty();
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void aBounceThatFailsGoesToThePostmasterOnceIfThatIsConfigured() {
    var postmaster = QueueFixture.mailbox("postmaster@admin.example");
    queue.settings.updateAndGet(now -> new QueueSettings(now.retry(), now.sites(), now.lanes(), now.readyRecipients(),
        now.memoryRecipients(), now.laneIdle(), Optional.of(postmaster)));
    queue.delivery.at("example.net", FixedDelivery.FAILED);
    queue.delivery.at("admin.example", FixedDelivery.FAILED);
    submit("", "-");
    queue.run();
    assertThat(queue.delivery.tried()).containsExactly("b@example.net", "postmaster@admin.example");
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void anExpiredMessageSaysHowLongWeTriedAndWhatTheLastAnswerWas() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit("a@example.org", "FAILURE");
    queue.run();
    queue.pass(Duration.ofDays(6), Duration.ofMinutes(10));
    assertThat(queue.reports.all()).singleElement().satisfies(report -> {
      var diagnostic = report.lines().getFirst().diagnostic();
      assertThat(diagnostic.text()).isEqualTo("could not be delivered within 5 days; last answer: mailbox full");
      assertThat(diagnostic.status()).hasToString("4.2.2");
    });
  }

  @Test
  void recipientsThatFailInOnePassAreToldInOneReport() {
    queue.delivery.at("one.example", FixedDelivery.FAILED);
    queue.delivery.at("two.example", FixedDelivery.FAILED);
    queue.submit("a@example.org", "u@one.example", "v@two.example", "w@three.example");
    queue.run();
    assertThat(queue.reports.all()).hasSize(1);
    assertThat(queue.reports.lines()).containsExactly("0 FAILED", "1 FAILED");
  }

  @ParameterizedTest(name = "{0} fails")
  @EnumSource(value = Operation.class, names = {"DRAFT", "COMMIT", "RECORD", "REMOVE"})
  void deliversNothingTwiceWhileTheDiskRefusesAndSettlesAllWhenItRecovers(Operation failing) {
    queue.delivery.at("one.example", FixedDelivery.FAILED);
    queue.delivery.at("three.example", FixedDelivery.DEFERRED);
    queue.submit("a@example.org", "u@one.example", "v@two.example", "w@three.example");
    queue.spool.failWhen(Set.of(failing)::contains);
    queue.run();
    queue.delivery.at("three.example", FixedDelivery.SENT);
    queue.pass(Duration.ofMinutes(30), Duration.ofMinutes(1));
    queue.spool.failWhen(_ -> false);
    queue.pass(Duration.ofMinutes(1), Duration.ofSeconds(10));
    assertThat(queue.delivery.tried()).containsExactlyInAnyOrder("u@one.example", "v@two.example", "w@three.example",
        "w@three.example", "a@example.org");
    assertThat(queue.reports.lines()).contains("0 FAILED");
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void aReportIsSafeBeforeTheFailureIsRecorded() {
    queue.delivery.at("example.net", FixedDelivery.FAILED);
    queue.spool.failWhen(Set.of(Operation.REMOVE)::contains);
    submit("a@example.org", "-");
    queue.run();
    assertThat(queue.delivery.tried()).containsExactly("b@example.net", "a@example.org");
    assertThat(queue.reports.all()).hasSize(1);
    queue.restart(); // the record is missing, so it is tried again: told twice, and never not at all
    queue.spool.failWhen(_ -> false);
    queue.run();
    assertThat(queue.reports.all()).hasSize(2);
    assertThat(queue.spool.ids()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"REQUIRED, REQUIRED", "WAIVED, USUAL", "USUAL, USUAL"})
  void whatTellsOfAProtectedMessageIsProtectedLikeIt(TlsWish message, TlsWish report) {
    queue.delivery.at("example.net", FixedDelivery.FAILED);
    queue.delivery.at("example.org", FixedDelivery.DEFERRED);
    queue.submit(QueueFixture.envelope("a@example.org", Recipient.of(QueueFixture.mailbox("b@example.net")))
        .with(Handling.PLAIN.with(message)));
    queue.run();
    assertThat(queue.spool.ids()).map(id -> queue.spool.read(id).orElseThrow().message().envelope().handling().tls())
        .containsExactly(report);
  }

  @Test
  void aSuccessIsOnDiskAtOnceThoughOthersWait() {
    queue.delivery.at("two.example", FixedDelivery.DEFERRED);
    var message = queue.submit("a@example.org", "u@one.example", "v@two.example");
    queue.run();
    queue.restart();
    assertThat(queue.spool.read(message.id()).orElseThrow().pending()).containsExactly(new RecipientNumber(1));
    queue.pass(Duration.ofMinutes(6), Duration.ofMinutes(1));
    assertThat(queue.delivery.tried()).containsExactly("u@one.example", "v@two.example", "v@two.example");
  }
}
