package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.posthorn.queue.Outcome.Diagnostic;

class SiteHealthTest {
  private static final Instant NOW = QueueFixture.START;
  private static final SiteLimits LIMITS = new SiteLimits(5, 20, 3, Duration.ofMinutes(5), Duration.ofMinutes(15));
  private static final Diagnostic DOWN = Diagnostic.ours("4.4.1", "down");
  private final SiteHealth health = new SiteHealth(LIMITS);

  private void unreached(Instant at, int times) {
    for (int i = 0; i < times; i++) {
      health.unreached(DOWN, at, LIMITS);
    }
  }

  @Test
  void growsByOneWithEachFullRoundOfSuccessUpToTheMost() {
    for (int i = 0; i < 5; i++) {
      assertThat(health.limit(NOW)).isEqualTo(5);
      health.reached(LIMITS);
    }
    assertThat(health.limit(NOW)).isEqualTo(6);
    for (int i = 0; i < 1000; i++) {
      health.reached(LIMITS);
    }
    assertThat(health.limit(NOW)).isEqualTo(20);
  }

  @Test
  void halvesWithEachFailure() {
    unreached(NOW, 1);
    assertThat(health.limit(NOW)).isEqualTo(2);
    unreached(NOW, 1);
    assertThat(health.limit(NOW)).isEqualTo(1);
  }

  @Test
  void oneSuccessForgivesTheFailuresBefore() {
    unreached(NOW, 2);
    health.reached(LIMITS);
    unreached(NOW, 2);
    assertThat(health.state(NOW)).isInstanceOf(SiteHealth.State.Open.class);
  }

  @Test
  void backsOffLongerAndLongerAndProbesInBetween() {
    unreached(NOW, 3);
    assertThat(health.state(NOW)).isEqualTo(new SiteHealth.State.BackingOff(NOW.plusSeconds(300), DOWN));
    Instant first = NOW.plusSeconds(300);
    assertThat(health.state(first.minusMillis(1))).isInstanceOf(SiteHealth.State.BackingOff.class);
    assertThat(health.state(first)).isEqualTo(new SiteHealth.State.Probing(DOWN));
    assertThat(health.limit(first)).isEqualTo(1);
    unreached(first, 1);
    assertThat(health.state(first)).isEqualTo(new SiteHealth.State.BackingOff(first.plusSeconds(600), DOWN));
    Instant second = first.plusSeconds(600);
    assertThat(health.state(second)).isInstanceOf(SiteHealth.State.Probing.class);
    unreached(second, 1);
    assertThat(health.state(second)).isEqualTo(new SiteHealth.State.BackingOff(second.plusSeconds(900), DOWN));
  }

  @Test
  void attemptsThatBeganEarlierDoNotExtendTheBackOff() {
    unreached(NOW, 3);
    unreached(NOW.plusSeconds(60), 2);
    assertThat(health.state(NOW)).isEqualTo(new SiteHealth.State.BackingOff(NOW.plusSeconds(300), DOWN));
  }

  @Test
  void isOpenAgainAfterOneSuccessAndForgetsHowOftenItBackedOff() {
    unreached(NOW, 3);
    health.reopen();
    health.reached(LIMITS);
    assertThat(health.state(NOW)).isInstanceOf(SiteHealth.State.Open.class);
    assertThat(health.limit(NOW)).isEqualTo(5);
    unreached(NOW, 3);
    assertThat(health.state(NOW)).isEqualTo(new SiteHealth.State.BackingOff(NOW.plusSeconds(300), DOWN));
  }

  @Test
  void anAttemptThatTheOperatorAskedForDoesNotLengthenTheBackOff() {
    unreached(NOW, 3);
    for (int second = 1; second <= 5; second++) {
      health.reopen();
      unreached(NOW.plusSeconds(second), 1);
    }
    assertThat(health.state(NOW)).isEqualTo(new SiteHealth.State.BackingOff(NOW.plusSeconds(5 + 300), DOWN));
  }
}
