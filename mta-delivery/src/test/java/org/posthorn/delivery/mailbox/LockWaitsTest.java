package org.posthorn.delivery.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.testkit.SettableClock;

class LockWaitsTest {
  private final SettableClock clock = new SettableClock(LocalMail.NOW);
  private final LockWaits waits = new LockWaits(clock);
  private final List<LockWaits.OfLane> lanes = Stream.generate(() -> waits.new OfLane()).limit(5).toList();

  @Test
  void allWaitForAMomentAndThenAFew() {
    assertThat(lanes).allMatch(lane -> waitsFor(lane, "alice"));

    clock.advance(LockWaits.GRACE);
    assertThat(lanes.stream().filter(lane -> waitsFor(lane, "alice"))).hasSize(LockWaits.PATIENT_LANES);
    assertThat(lanes.stream().filter(lane -> waitsFor(lane, "alice"))).hasSize(LockWaits.PATIENT_LANES);
    assertThat(waitsFor(waits.new OfLane(), "alice")).isFalse();
    assertThat(waitsFor(waits.new OfLane(), "bob")).isTrue();
  }

  @Test
  void whoWaitsNoMoreLeavesThePlaceToOthers() {
    assertThat(waitsFor(lanes.get(0), "alice")).isTrue();
    assertThat(waitsFor(lanes.get(1), "alice")).isTrue();
    clock.advance(LockWaits.GRACE);
    assertThat(waitsFor(lanes.get(2), "alice")).isFalse();

    lanes.get(0).close();
    assertThat(waitsFor(lanes.get(2), "alice")).isTrue();

    lanes.forEach(LockWaits.OfLane::close);
    assertThat(lanes).as("it begins anew").allMatch(lane -> waitsFor(lane, "alice"));
  }

  @Test
  void eachMailboxOfAMessageCountsForItself() {
    assertThat(waitsFor(lanes.get(0), "alice")).isTrue();
    assertThat(waitsFor(lanes.get(1), "alice")).isTrue();
    clock.advance(LockWaits.GRACE);

    var both = List.of(new RecipientNumber(0), new RecipientNumber(1));
    assertThat(lanes.get(2).waitFor(both, number -> fileOf(number.value() == 0 ? "alice" : "bob")))
        .containsExactly(new RecipientNumber(1));
  }

  private static Optional<Path> fileOf(String user) {
    return Optional.of(Path.of(user));
  }

  private static boolean waitsFor(LockWaits.OfLane lane, String user) {
    return !lane.waitFor(List.of(new RecipientNumber(0)), _ -> fileOf(user)).isEmpty();
  }
}
