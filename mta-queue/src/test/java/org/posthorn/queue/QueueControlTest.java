package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.QueueControl.Mode;

class QueueControlTest {
  @TempDir
  private Path directory = Path.of("");

  private QueueFixture queue = new QueueFixture();
  private QueueControl control = queue.control();

  @BeforeEach
  void open() {
    queue = new QueueFixture(directory.resolve("pauses"));
    control = queue.control();
  }

  private QueuedMessage deferred() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    var message = queue.submit("a@example.org", "b@example.net");
    queue.run();
    return message;
  }

  private List<QueueEntry> list(QueueFilter filter) {
    var entries = new ArrayList<QueueEntry>();
    control.list(filter, entries::add);
    return entries;
  }

  @Test
  void listsWhatIsInMemoryOnlyTogetherWithWhatTheIndexHas() {
    deferred();
    queue.submit("a@example.org", "c@other.example");
    queue.submit("a@example.org", "d@example.net", "e@other.example");
    assertThat(list(QueueFilter.ALL)).extracting(entry -> entry.listing().address() + " " + entry.state())
        .containsExactly("b@example.net DEFERRED", "c@other.example READY", "d@example.net READY",
            "e@other.example READY");
    assertThat(list(QueueFilter.of(new QueueId("0000000000000002")))).hasSize(1);
  }

  @Test
  void showsAMessageThatIsBeingTried() {
    var seen = new ArrayList<QueueEntry>();
    queue.delivery.at("example.net", task -> {
      control.list(QueueFilter.ALL, seen::add);
      return FixedDelivery.SENT.attempt(task);
    });
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(seen).singleElement().extracting(QueueEntry::state).isEqualTo(QueueEntry.State.ACTIVE);
    assertThat(list(QueueFilter.ALL)).isEmpty();
  }

  @Test
  void showsAMessageThatTheIndexIsAboutToBeToldOf() {
    var seen = new ArrayList<QueueEntry>();
    queue.writes.lookBefore(() -> control.list(QueueFilter.ALL, seen::add));
    deferred();
    assertThat(seen).singleElement().extracting(QueueEntry::state).isEqualTo(QueueEntry.State.ACTIVE);
  }

  @Test
  void retriesAtOnceEvenWhereNothingAnswered() {
    queue.delivery.at("example.net", FixedDelivery.UNREACHED);
    for (int i = 0; i < 5; i++) {
      queue.submit("a@example.org", "b" + i + "@example.net");
    }
    queue.run();
    assertThat(control.destinations()).singleElement().satisfies(site -> {
      assertThat(site.state()).isEqualTo(SiteStatus.State.BACKING_OFF);
      assertThat(site.reason()).hasValue("connection timed out");
      assertThat(site.waiting()).isEqualTo(5);
    });
    queue.delivery.at("example.net", FixedDelivery.SENT);
    assertThat(control.retry(QueueFilter.ALL, Mode.DRY_RUN)).isEqualTo(5);
    queue.run();
    assertThat(queue.spool.ids()).hasSize(5);
    assertThat(control.retry(QueueFilter.ALL, Mode.ACT)).isEqualTo(5);
    queue.run();
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void holdsBackWhatIsDeferredAndWhatIsReadyUntilItIsReleased() {
    deferred();
    queue.delivery.at("example.net", FixedDelivery.SENT);
    queue.submit("a@example.org", "c@example.net");
    assertThat(control.hold(QueueFilter.ALL, Mode.ACT)).isEqualTo(2);
    assertThat(control.hold(QueueFilter.ALL, Mode.ACT)).isZero();
    queue.pass(Duration.ofHours(1), Duration.ofMinutes(1));
    assertThat(queue.delivery.tried()).containsExactly("b@example.net");
    assertThat(list(QueueFilter.ALL)).extracting(QueueEntry::state).containsOnly(QueueEntry.State.HELD);
    queue.restart();
    control = queue.control();
    queue.run();
    assertThat(control.release(QueueFilter.ALL, Mode.ACT)).isEqualTo(2);
    queue.run();
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void aHoldDuringAnAttemptTakesEffectAfterIt() {
    queue.delivery.at("example.net", task -> {
      control.hold(QueueFilter.ALL, Mode.ACT);
      return FixedDelivery.DEFERRED.attempt(task);
    });
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    queue.pass(Duration.ofHours(1), Duration.ofMinutes(1));
    assertThat(queue.delivery.tasks()).hasSize(1);
    assertThat(list(QueueFilter.ALL)).extracting(QueueEntry::state).containsExactly(QueueEntry.State.HELD);
  }

  @Test
  void aDeletionDuringAnAttemptWinsAfterIt() {
    queue.delivery.at("example.net", task -> {
      control.delete(QueueFilter.ALL, Mode.ACT);
      return FixedDelivery.DEFERRED.attempt(task);
    });
    queue.submit("a@example.org", "b@example.net");
    queue.run();
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
    assertThat(queue.reports.all()).isEmpty();
  }

  @Test
  void bouncesWithAReportAndDeletesWithout() {
    var first = deferred();
    deferred();
    assertThat(control.bounce(QueueFilter.of(first.id()), Mode.ACT)).isEqualTo(1);
    assertThat(queue.reports.all()).singleElement().satisfies(report -> {
      assertThat(report.message().id()).isEqualTo(first.id());
      assertThat(report.lines().getFirst().diagnostic().text()).isEqualTo("returned by the administrator");
    });
    queue.run();
    assertThat(control.delete(QueueFilter.ALL, Mode.ACT)).isEqualTo(1);
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
    assertThat(queue.reports.all()).hasSize(1);
  }

  @Test
  void aPausedDestinationKeepsItsMailAcrossARestartUntilItIsResumed() {
    queue.submit("a@example.org", "b@example.net");
    assertThat(control.isBusy(new Destination("example.net"))).isTrue();
    control.pause(new Destination("example.net"), new Pause("moving house", Optional.empty()));
    queue.submit("a@example.org", "c@example.net");
    queue.run();
    assertThat(control.isBusy(new Destination("example.net"))).as("who waits for it need not wait").isFalse();
    assertThat(queue.delivery.tasks()).isEmpty();
    assertThat(pausesOnDisk())
        .containsEntry(new Destination("example.net"), new Pause("moving house", Optional.empty()));
    control.resume(new Destination("example.net"));
    queue.run();
    assertThat(queue.delivery.tried()).containsExactlyInAnyOrder("b@example.net", "c@example.net");
  }

  @Test
  void aPauseThatCannotBeWrittenIsNone() throws IOException {
    Files.createDirectories(directory.resolve("pauses.new").resolve("in the way"));
    assertThatThrownBy(() -> control.pause(new Destination("example.net"), new Pause("x", Optional.empty())))
        .isInstanceOf(StoreException.class);
    Files.delete(directory.resolve("pauses.new").resolve("in the way"));
    Files.delete(directory.resolve("pauses.new"));
    control.pause(new Destination("example.com"), new Pause("y", Optional.empty()));
    assertThat(pausesOnDisk()).containsOnlyKeys(new Destination("example.com"));
  }

  @Test
  void aPauseWithAnEndEndsByItself() {
    control.pause(new Destination("example.net"),
        new Pause("for an hour", Optional.of(QueueFixture.START.plus(Duration.ofHours(1)))));
    queue.submit("a@example.org", "b@example.net");
    queue.pass(Duration.ofMinutes(59), Duration.ofMinutes(1));
    assertThat(queue.delivery.tasks()).isEmpty();
    assertThat(pausesOnDisk()).containsOnlyKeys(new Destination("example.net"));
    queue.pass(Duration.ofMinutes(1), Duration.ofMinutes(1));
    assertThat(queue.delivery.tasks()).hasSize(1);
    assertThat(pausesOnDisk()).isEmpty();
  }

  @Test
  void aPauseThatEndsLetsGoWhatIsReadyThoughThereIsNoRoomForWhatTheIndexHas() {
    deferred();
    control.pause(new Destination("example.net"),
        new Pause("for an hour", Optional.of(QueueFixture.START.plus(Duration.ofHours(1)))));
    queue.delivery.at("example.net", FixedDelivery.SENT);
    for (int i = 0; i <= QueueFixture.SETTINGS.readyRecipients(); i++) {
      queue.submit("a@example.org", "u" + i + "@example.net");
    }
    queue.pass(Duration.ofMinutes(61), Duration.ofSeconds(30));
    assertThat(queue.spool.ids()).isEmpty();
  }

  @Test
  void aPauseThatEndedIsForgottenAlsoWhenNobodyWaitsAndNeverInPlaceOfALaterOne() {
    Instant end = QueueFixture.START.plus(Duration.ofHours(1));
    control.pause(new Destination("one.example"), new Pause("x", Optional.of(end)));
    control.pause(new Destination("two.example"), new Pause("y", Optional.of(end)));
    control.pause(new Destination("two.example"), new Pause("z", Optional.of(end.plusSeconds(60))));
    control.pause(new Destination("three.example"), new Pause("until I say so", Optional.empty()));
    queue.pass(Duration.ofHours(1), Duration.ofHours(1));
    assertThat(pausesOnDisk()).containsOnlyKeys(new Destination("two.example"), new Destination("three.example"));
  }

  @Test
  void aPauseEndsAlsoWhenTheFileCannotBeWritten() throws IOException {
    control.pause(new Destination("example.net"),
        new Pause("for an hour", Optional.of(QueueFixture.START.plus(Duration.ofHours(1)))));
    queue.submit("a@example.org", "b@example.net");
    Files.createDirectories(directory.resolve("pauses.new").resolve("in the way"));
    queue.pass(Duration.ofHours(1), Duration.ofMinutes(30));
    assertThat(queue.delivery.tasks()).hasSize(1);
  }

  private Map<Destination, Pause> pausesOnDisk() {
    return Pauses.at(directory.resolve("pauses")).all();
  }

  @Test
  void countsWhatWaitsAndWhatIsDone() {
    deferred();
    queue.submit("a@example.org", "c@other.example");
    queue.run();
    queue.submit("a@example.org", "d@other.example");
    assertThat(control.counts()).satisfies(counts -> {
      assertThat(counts.ready()).isEqualTo(1);
      assertThat(counts.waiting()).isEqualTo(1);
      assertThat(counts.delivered()).isEqualTo(1);
      assertThat(counts.deferred()).isEqualTo(1);
    });
  }
}
