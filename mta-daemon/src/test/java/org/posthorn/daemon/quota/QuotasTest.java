package org.posthorn.daemon.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.smtp.Mailbox;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.SettableClock;

class QuotasTest {
  private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");

  @TempDir
  private Path folder;

  private final SettableClock clock = new SettableClock(NOW);

  private Quotas quotas() {
    return new Quotas(folder.resolve("limits"), clock);
  }

  private static SendingLimits limit(Limit limit, int value) {
    return new SendingLimits(Map.of(limit, value));
  }

  private static List<Mailbox> to(String... addresses) {
    return Stream.of(addresses).map(address -> Mailbox.parse(address).orElseThrow()).toList();
  }

  /** Counts a message that is taken. */
  private static Optional<Quotas.Exceeded> charge(Quotas quotas, String who, SendingLimits limits,
      List<Mailbox> recipients) {
    try (var charge = quotas.charge(who, limits, recipients)) {
      charge.taken();
      return charge.exceeded();
    }
  }

  @ParameterizedTest
  @CsvSource({"MESSAGES_PER_HOUR, PT59M, PT65M", "MESSAGES_PER_DAY, PT23H59M, PT24H5M"})
  void countsMessagesWithinItsWindow(Limit limit, Duration within, Duration beyond) {
    var quotas = quotas();
    var two = limit(limit, 2);
    assertThat(charge(quotas, "alice", two, to("a@x"))).isEmpty();
    assertThat(charge(quotas, "alice", two, to("a@x"))).isEmpty();
    assertThat(charge(quotas, "alice", two, to("a@x"))).contains(new Quotas.Exceeded(limit, 2, 3));
    assertThat(charge(quotas, "bob", two, to("a@x"))).isEmpty();
    assertThat(quotas.refusals(limit)).isOne();
    clock.set(NOW.plus(within));
    assertThat(quotas.check("alice", two, to("a@x"))).isPresent();
    clock.set(NOW.plus(beyond));
    assertThat(charge(quotas, "alice", two, to("a@x"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"RECIPIENTS_PER_HOUR", "RECIPIENTS_PER_DAY"})
  void countsRecipients(Limit limit) {
    var quotas = quotas();
    assertThat(charge(quotas, "alice", limit(limit, 3), to("a@x", "b@x"))).isEmpty();
    assertThat(quotas.check("alice", limit(limit, 3), to("c@x"))).isEmpty();
    assertThat(charge(quotas, "alice", limit(limit, 3), to("c@x", "d@x")).map(Quotas.Exceeded::text))
        .contains("Sending limit reached: 3 recipients within one " + (limit.key().endsWith("hour") ? "hour" : "day"));
  }

  @Test
  void countsOnlyRecipientsThatAreNew() {
    var quotas = quotas();
    var two = limit(Limit.NEW_RECIPIENTS_PER_DAY, 2);
    assertThat(charge(quotas, "alice", two, to("a@x", "b@x"))).isEmpty();
    assertThat(charge(quotas, "alice", two, to("A@x", "b@x"))).isEmpty();
    assertThat(charge(quotas, "alice", two, to("c@x"))).isPresent();
    clock.set(NOW.plus(Duration.ofHours(25)));
    assertThat(charge(quotas, "alice", two, to("a@x", "c@x", "d@x"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"MESSAGES_PER_HOUR, PT0S", "MESSAGES_PER_DAY, PT9M", "RECIPIENTS_PER_HOUR, PT9M",
      "RECIPIENTS_PER_DAY, PT0S",
      "NEW_RECIPIENTS_PER_DAY, PT0S", "NEW_RECIPIENTS_PER_DAY, PT9M"})
  void takesBackWhatWasNotTakenHoweverLongThatTook(Limit limit, Duration time) {
    var quotas = quotas();
    var one = limit(limit, 1);
    var charge = quotas.charge("alice", one, to("a@x"));
    clock.set(NOW.plus(time));
    charge.close();
    assertThat(quotas.usage()).allSatisfy(usage -> assertThat(usage.used()).containsEntry(limit, 0));
    assertThat(charge(quotas, "alice", one, to("b@x"))).isEmpty();
    assertThat(charge(quotas, "alice", one, to("c@x"))).isPresent();
  }

  @Test
  void takesBackOnlyOnceAndNothingThatWasTaken() {
    var quotas = quotas();
    var two = limit(Limit.MESSAGES_PER_HOUR, 2);
    charge(quotas, "alice", two, to("a@x"));
    var charge = quotas.charge("alice", two, to("a@x"));
    charge.close();
    charge.close();
    assertThat(quotas.usage().getFirst().used()).containsEntry(Limit.MESSAGES_PER_HOUR, 1);
  }

  @Test
  void remembersOverARestart() throws IOException {
    var limits = new SendingLimits(Map.of(Limit.MESSAGES_PER_DAY, 2, Limit.NEW_RECIPIENTS_PER_DAY, 2));
    try (var quotas = quotas()) {
      charge(quotas, "al/ice", limits, to("a@x"));
      charge(quotas, "al/ice", limits, to("b@x"));
    }
    Files.writeString(folder.resolve("limits/nonsense"), "who x\nslot 1\n");
    var again = quotas();
    assertThat(charge(again, "al/ice", limits, to("a@x"))).contains(new Quotas.Exceeded(Limit.MESSAGES_PER_DAY, 2, 3));
    assertThat(again.usage()).singleElement().satisfies(usage -> {
      assertThat(usage.who()).isEqualTo("al/ice");
      assertThat(usage.used()).containsEntry(Limit.NEW_RECIPIENTS_PER_DAY, 2);
      assertThat(usage.blockedAt()).contains(NOW);
    });
    assertThat(again.release("al/ice")).isTrue();
    assertThat(charge(again, "al/ice", limits, to("a@x"))).isEmpty();
    assertThat(again.release("bob")).isFalse();
  }

  @Test
  void answersWhileTheDiskDoesNot() throws Exception {
    var quotas = quotas();
    var many = limit(Limit.MESSAGES_PER_DAY, 100);
    charge(quotas, "alice", many, to("a@x"));
    Path slow;
    try (var files = Files.list(folder.resolve("limits"))) {
      slow = files.findFirst().orElseThrow();
    }
    var pipe = slow.resolveSibling(slow.getFileName() + ".new"); // whoever writes waits for a reader
    assertThat(new ProcessBuilder(Needs.program("mkfifo").toString(), pipe.toString()).start().waitFor()).isZero();
    clock.set(NOW.plusSeconds(60));
    var writing = Thread.ofPlatform().start(() -> charge(quotas, "alice", many, to("b@x")));
    assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
      while (quotas.usage().getFirst().used().getOrDefault(Limit.MESSAGES_PER_DAY, 0) < 2) {
        Thread.onSpinWait();
      }
      assertThat(quotas.check("alice", many, to("c@x"))).isEmpty();
    });
    Files.readAllBytes(pipe);
    writing.join();
  }

  @Test
  void letsOneSetReplaceAnother() {
    var all = new SendingLimits(Map.of(Limit.MESSAGES_PER_DAY, 2, Limit.MESSAGES_PER_HOUR, 1));
    var own = all.overriddenBy(new SendingLimits(Map.of(Limit.MESSAGES_PER_DAY, 0)));
    assertThat(own.of(Limit.MESSAGES_PER_DAY)).isEmpty();
    assertThat(own.of(Limit.MESSAGES_PER_HOUR)).contains(1);
    assertThat(own.isAny()).isTrue();
  }
}
