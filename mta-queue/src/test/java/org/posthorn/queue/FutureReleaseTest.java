package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthorn.queue.QueueControl.Mode;
import org.posthorn.smtp.FutureRelease;

class FutureReleaseTest {
  private static final Instant START = QueueFixture.START;

  private final QueueFixture queue = new QueueFixture();

  private QueuedMessage submit(Duration later) {
    var plain = QueueFixture.envelope("a@example.org", Recipient.of(QueueFixture.mailbox("b@example.net")));
    var release = new Handling.Release(queue.clock.instant().plus(later), new FutureRelease.HoldFor(later));
    return queue.submit(plain.with(new Handling(Optional.empty(), Optional.of(release), Optional.empty(),
        Handling.TlsWish.USUAL, List.of(), Optional.empty(), Optional.empty())));
  }

  private List<QueueEntry> listed() {
    var entries = new ArrayList<QueueEntry>();
    queue.control().list(QueueFilter.ALL, entries::add);
    return entries;
  }

  private void assertGoesAt(Instant at) {
    queue.pass(Duration.between(queue.clock.instant(), at).minusSeconds(1), Duration.ofSeconds(59));
    queue.run();
    assertThat(queue.delivery.tried()).isEmpty();
    queue.pass(Duration.ofSeconds(1), Duration.ofSeconds(1));
    assertThat(queue.delivery.tried()).containsExactly("b@example.net");
  }

  @Test
  void goesAtItsTimeAndNotBefore() {
    submit(Duration.ofHours(1));
    assertGoesAt(START.plus(Duration.ofHours(1)));
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void goesAtItsTimeThoughThatIsYearsAway() {
    submit(Duration.ofDays(800));
    queue.run();
    queue.submit("a@example.org", "c@example.net"); // what goes there meanwhile must not make us forget
    queue.run();
    queue.pass(Duration.ofDays(801), Duration.ofDays(1));
    assertThat(queue.delivery.tried()).containsExactly("c@example.net", "b@example.net");
  }

  @Test
  void waitsOutsideOfMemory() {
    for (int i = 0; i < 1000; i++) {
      submit(Duration.ofHours(1));
    }
    queue.run();
    assertThat(queue.scheduler.queue().<Integer>inspect((_, works) -> works.size())).isZero();
    assertThat(queue.control().scheduled()).isEqualTo(1000);
    queue.pass(Duration.ofHours(1), Duration.ofMinutes(1));
    assertThat(queue.delivery.tried()).hasSize(1000);
    assertThat(queue.control().scheduled()).isZero();
  }

  @Test
  void goesAtItsTimeAfterARestartThatLostTheIndex() {
    var message = submit(Duration.ofHours(1));
    queue.run();
    queue.index.apply(new QueueIndex.Changes(List.of(), List.of(), List.of(), List.of(message.id())));
    queue.restart();
    assertGoesAt(START.plus(Duration.ofHours(1)));
  }

  @Test
  void isListedAsScheduledWithItsTime() {
    submit(Duration.ofHours(1));
    queue.run();
    assertThat(listed()).singleElement().satisfies(entry -> {
      assertThat(entry.state()).isEqualTo(QueueEntry.State.SCHEDULED);
      assertThat(entry.listing().due()).isEqualTo(START.plus(Duration.ofHours(1)));
    });
  }

  @Test
  void doesNotGoWhenItsDestinationIsRetried() {
    submit(Duration.ofHours(1));
    queue.run();
    assertThat(queue.control().retry(QueueFilter.ALL, Mode.ACT)).isZero();
    assertGoesAt(START.plus(Duration.ofHours(1)));
  }

  @Test
  void anOperatorCanReleaseItEarlyAndThatOutlastsTheIndex() {
    var message = submit(Duration.ofHours(1));
    queue.run();
    queue.clock.advance(Duration.ofMinutes(1));
    assertThat(queue.control().release(QueueFilter.ALL, Mode.ACT)).isEqualTo(1);
    assertThat(queue.control().scheduled()).isZero();
    queue.index.apply(new QueueIndex.Changes(List.of(), List.of(), List.of(), List.of(message.id())));
    queue.restart();
    queue.run();
    assertThat(queue.delivery.tried()).containsExactly("b@example.net");
  }

  @Test
  void anOperatorWhoHeldItReleasesTheHoldOnly() {
    submit(Duration.ofHours(1));
    queue.run();
    assertThat(queue.control().hold(QueueFilter.ALL, Mode.ACT)).isEqualTo(1);
    assertThat(queue.control().release(QueueFilter.ALL, Mode.ACT)).isEqualTo(1);
    queue.run();
    assertThat(listed()).singleElement()
        .satisfies(entry -> assertThat(entry.state()).isEqualTo(QueueEntry.State.SCHEDULED));
    assertGoesAt(START.plus(Duration.ofHours(1)));
  }

  @Test
  void canBeDeleted() {
    submit(Duration.ofHours(1));
    queue.run();
    assertThat(queue.control().delete(QueueFilter.ALL, Mode.ACT)).isEqualTo(1);
    assertThat(queue.spool.ids()).isEmpty();
    assertThat(queue.index.all()).isEmpty();
  }

  @Test
  void delaysAndExpiryCountFromItsTime() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(Duration.ofDays(10));
    queue.pass(Duration.ofDays(16), Duration.ofMinutes(30));
    assertThat(queue.reports.lines()).containsExactly("0 DELAYED", "0 FAILED");
    assertThat(queue.reports.all().getFirst().at())
        .isEqualTo(START.plus(Duration.ofDays(10)).plus(Duration.ofHours(4)));
    assertThat(queue.reports.all().getLast().at()).isEqualTo(START.plus(Duration.ofDays(15)));
  }

  @Test
  void delaysAndExpiryCountFromWhenItWasReleasedEarly() {
    queue.delivery.at("example.net", FixedDelivery.DEFERRED);
    submit(Duration.ofDays(10));
    queue.run();
    queue.control().release(QueueFilter.ALL, Mode.ACT);
    queue.pass(Duration.ofDays(6), Duration.ofMinutes(30));
    assertThat(queue.reports.all().getLast().at()).isEqualTo(START.plus(Duration.ofDays(5)));
  }
}
