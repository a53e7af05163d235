package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.Nightly;
import org.posthorn.testkit.SmtpTalk;

/**
 * Sends mail of all kinds from several clients at once, while the daemon is stopped or killed now and then, and a next hop
 * changes its mood; takes samples of the daemon. In the second half nothing is restarted.
 */
final class SoakLoad {
  /** How many local users there are, user0 and on. */
  static final int USERS = 20;
  /** All in the first half, every other one a kill. */
  private static final int RESTARTS = 4;
  private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(Nightly.times(1, 2));
  /** For how many samples the moody server defers, and for as many does not. */
  private static final int MOOD = Nightly.times(2, 15);
  private static final String MOODY_RECIPIENTS = "RCPT .*[37]@moody.*";
  private static final int SENDERS = 4;
  /** How long a sender waits between two messages. */
  private static final long PAUSE_MILLIS = 60;

  private final PackagedDaemon daemon;
  private final int metricsPort;
  private final AcceptingServer moody;
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final AtomicInteger number = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<ProcessSample> samples = new ArrayList<>();
  private int kills;

  /** Will load {@code daemon}; mail to {@code moody.example} goes to {@code moody}. */
  SoakLoad(PackagedDaemon daemon, int metricsPort, AcceptingServer moody) {
    this.daemon = daemon;
    this.metricsPort = metricsPort;
    this.moody = moody;
    moody.answer("RCPT .*9@moody.*", "550 5.1.1 no such user");
  }

  /** Runs for {@code length}, and until the queue is empty; returns what was measured after the last restart. */
  List<ProcessSample> run(Duration length) throws Exception {
    int steady;
    try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        for (int i = 0; i < SENDERS; i++) {
          senders.execute(this::send);
        }
        for (int part = 1; part <= RESTARTS; part++) {
          watch(length.dividedBy(2L * RESTARTS));
          restart(part % 2 == 0);
        }
        steady = samples.size();
        watch(length.dividedBy(2));
      } finally {
        end.countDown();
      }
    }
    moody.answer(MOODY_RECIPIENTS, "250 2.1.5 ok");
    daemon.awaitEmptyQueue();
    samples.add(ProcessSample.of(daemon, metricsPort));
    return List.copyOf(samples.subList(steady, samples.size() - 1));
  }

  /** Returns what was answered with 250: number and recipient of each. */
  Set<String> accepted() {
    return Set.copyOf(accepted);
  }

  /** Returns all samples, the last of them taken when the queue was empty. */
  List<ProcessSample> samples() {
    return List.copyOf(samples);
  }

  /** Returns how often the daemon was killed. */
  int kills() {
    return kills;
  }

  private void restart(boolean isKill) throws Exception {
    if (isKill) {
      daemon.kill();
      kills++;
    } else {
      assertThat(daemon.stop()).isZero();
    }
    daemon.restart();
  }

  private void watch(Duration time) throws Exception {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < until) {
      boolean defers = samples.size() / MOOD % 2 == 0;
      moody.answer(MOODY_RECIPIENTS, defers ? "451 4.3.2 busy" : "250 2.1.5 ok");
      end.await(BETWEEN_SAMPLES.toMillis(), TimeUnit.MILLISECONDS);
      samples.add(ProcessSample.of(daemon, metricsPort));
    }
  }

  private void send() {
    try {
      while (!end.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        try (var talk = SmtpTalk.greet(daemon.port())) {
          for (int i = 0; i < 20 && !end.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS); i++) {
            send(talk);
          }
        } catch (IOException _) {
          // it is being restarted
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(SmtpTalk talk) throws IOException {
    int n = number.incrementAndGet();
    var to = switch (n % 4) {
      case 0 -> "user" + n % USERS + "@here.example";
      case 1 -> "u" + n % 10 + "@moody.example";
      default -> "u" + n % 10 + "@far.example";
    };
    int size = n % 100 == 0 ? 600_000 : 500 + n % 9_000;
    var body = ("x".repeat(76) + "\r\n").repeat(size / 78);
    talk.mail("alice@here.example", to, "Subject: soak %d\r\n\r\n%s\r\n".formatted(n, body));
    accepted.add("soak " + n + " " + to);
  }
}
