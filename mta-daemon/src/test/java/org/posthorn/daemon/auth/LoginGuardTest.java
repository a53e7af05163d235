package org.posthorn.daemon.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.testkit.SettableClock;

class LoginGuardTest {
  private static final GuardSettings SETTINGS = new GuardSettings(3, 5, Duration.ofHours(1), Duration.ofSeconds(1),
      Duration.ofMinutes(15), Duration.ofHours(1));

  @TempDir
  private Path folder;

  private GuardSettings settings = SETTINGS;
  private final SettableClock clock = new SettableClock(Sasl.NOW);

  private LoginGuard guard() {
    return new LoginGuard(folder.resolve("logins"), () -> settings, clock);
  }

  private static LoginGuard.Seat at(LoginGuard guard, String address) {
    return guard.seat(InetAddress.ofLiteral(address), false);
  }

  @Test
  void holdsBackRepliesLongerAndLongerAndThenBansTheNetwork() {
    var guard = guard();
    var seat = at(guard, "198.51.100.7");
    assertThat(seat.failed("a")).hasSeconds(1);
    assertThat(seat.failed("b")).hasSeconds(2);
    assertThat(seat.isBanned()).isFalse();
    assertThat(seat.failed("")).hasSeconds(4);
    assertThat(seat.isBanned()).isTrue();
    assertThat(at(guard, "198.51.100.8").isBanned()).isFalse();
    assertThat(guard.bans()).singleElement().satisfies(ban -> {
      assertThat(ban.what()).isEqualTo("198.51.100.7");
      assertThat(ban.until()).isEqualTo(Sasl.NOW.plus(Duration.ofMinutes(15)));
    });
  }

  @Test
  void bansLongerTheNextTimeUpToABound() {
    var guard = guard();
    var seat = at(guard, "198.51.100.7");
    for (var length : new Duration[]{Duration.ofMinutes(15), Duration.ofMinutes(30), Duration.ofHours(1),
        Duration.ofHours(1)}) {
      IntStream.range(0, 3).forEach(_ -> seat.failed("a"));
      clock.set(clock.instant().plus(length).minusSeconds(1));
      assertThat(seat.isBanned()).isTrue();
      clock.set(clock.instant().plusSeconds(1));
      assertThat(seat.isBanned()).isFalse();
    }
  }

  @ParameterizedTest(name = "after three bans and {0} without a failure the next takes {1}")
  @CsvSource({"PT59M, PT1H", "PT1H, PT1H", "PT2H, PT30M", "PT3H, PT15M", "PT300H, PT15M"})
  void bansShorterAgainWhenNothingFailsForAWhile(Duration quiet, Duration length) {
    var seat = at(guard(), "198.51.100.7");
    for (int ban = 0; ban < 3; ban++) {
      clock.set(banned(seat));
    }
    clock.set(clock.instant().plus(quiet));
    assertThat(Duration.between(clock.instant(), banned(seat))).isEqualTo(length);
  }

  @Test
  void takesAFailureInBetweenForNoGoodConduct() {
    settings = new GuardSettings(3, 5, Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofMinutes(15),
        Duration.ofHours(1));
    var seat = at(guard(), "198.51.100.7");
    clock.set(banned(seat));
    clock.set(banned(seat));
    for (int i = 0; i < 3; i++) {
      clock.set(clock.instant().plus(Duration.ofMinutes(45)));
      seat.failed("a");
      clock.set(clock.instant().plus(Duration.ofMinutes(12))); // the failure is forgotten, the bans are not
    }
    assertThat(Duration.between(clock.instant(), banned(seat))).isEqualTo(Duration.ofHours(1));
  }

  /** Fails until it is banned, and returns when the ban ends. */
  private Instant banned(LoginGuard.Seat seat) {
    while (!seat.isBanned()) {
      seat.failed("a");
    }
    var begin = clock.instant();
    var end = begin;
    while (seat.isBanned()) {
      end = end.plus(Duration.ofMinutes(5));
      clock.set(end);
    }
    clock.set(begin);
    return end;
  }

  @Test
  void forgetsForGoodWhatDoesNotMatterAnyMore() throws IOException {
    var guard = guard();
    at(guard, "192.0.2.1").succeeded("alice");
    IntStream.range(0, 3).forEach(_ -> at(guard, "198.51.100.7").failed("mallory"));
    at(guard, "198.51.100.8").failed("mallory");
    clock.set(Sasl.NOW.plus(Duration.ofDays(30)));
    at(guard, "198.51.100.9").failed("");
    assertThat(folder.resolve("logins")).content()
        .contains("198.51.100.9", "alice")
        .doesNotContain("198.51.100.7", "198.51.100.8", "mallory");
    clock.set(Sasl.NOW.plus(Duration.ofDays(400)));
    at(guard, "198.51.100.9").failed("");
    assertThat(folder.resolve("logins")).content().doesNotContain("alice");
  }

  @Test
  void forgetsFailuresAfterAWhile() {
    var seat = at(guard(), "198.51.100.7");
    seat.failed("a");
    seat.failed("a");
    clock.set(Sasl.NOW.plus(Duration.ofHours(1)));
    assertThat(seat.failed("a")).hasSeconds(1);
    assertThat(seat.isBanned()).isFalse();
  }

  @Test
  void bansAUserWhereItWasNeverSeenAndLetsItInWhereItWas() {
    var guard = guard();
    at(guard, "192.0.2.1").succeeded("alice");
    for (int i = 1; i <= 5; i++) {
      at(guard, "198.51.100." + i).failed("alice");
    }
    assertThat(at(guard, "203.0.113.9").isBanned("alice")).isTrue();
    assertThat(at(guard, "203.0.113.9").isBanned("bob")).isFalse();
    assertThat(at(guard, "192.0.2.1").isBanned("alice")).isFalse();
  }

  @Test
  void takesAnIpv6HouseholdAsOne() {
    var guard = guard();
    for (int i = 1; i <= 3; i++) {
      at(guard, "2001:db8:1:2::" + i).failed("a");
    }
    assertThat(at(guard, "2001:db8:1:2:ffff::1").isBanned()).isTrue();
    assertThat(at(guard, "2001:db8:1:3::1").isBanned()).isFalse();
  }

  @Test
  void neverBansATrustedNetwork() {
    var seat = guard().seat(InetAddress.ofLiteral("192.0.2.7"), true);
    IntStream.range(0, 20).forEach(_ -> seat.failed(""));
    assertThat(seat.isBanned()).isFalse();
  }

  @Test
  void remembersOverARestart() throws IOException {
    try (var guard = guard()) {
      at(guard, "192.0.2.1").succeeded("alice");
      IntStream.range(0, 3).forEach(_ -> at(guard, "198.51.100.7").failed("alice"));
      at(guard, "198.51.100.8").failed("alice");
    }
    Files.writeString(folder.resolve("logins"), Files.readString(folder.resolve("logins")) + "nonsense\n");
    var again = guard();
    assertThat(at(again, "198.51.100.7").isBanned()).isTrue();
    assertThat(at(again, "198.51.100.8").failed("alice")).hasSeconds(2);
    assertThat(at(again, "203.0.113.9").isBanned("alice")).isTrue();
    assertThat(at(again, "192.0.2.1").isBanned("alice")).isFalse();
  }

  @Test
  void keepsABanEvenWhenTheProcessIsKilled() {
    IntStream.range(0, 3).forEach(_ -> at(guard(), "198.51.100.7").failed("alice"));
    assertThat(at(guard(), "198.51.100.7").isBanned()).isTrue();
  }

  @Test
  void releasesOnDemand() {
    var guard = guard();
    IntStream.range(0, 3).forEach(_ -> at(guard, "198.51.100.7").failed("alice"));
    assertThat(guard.release("198.51.100.7")).isTrue();
    assertThat(at(guard, "198.51.100.7").isBanned()).isFalse();
    assertThat(guard.release("198.51.100.7")).isFalse();
    assertThat(at(guard(), "198.51.100.7").isBanned()).isFalse();
  }
}
