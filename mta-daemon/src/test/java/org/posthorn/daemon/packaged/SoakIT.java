package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Nightly;
import org.posthorn.testkit.SmtpTalk;

/**
 * Half an hour of mixed mail, with deferrals, bounces, restarts and kills: what the daemon needs stays within bounds, and
 * everything arrives. Only in the nightly mode; {@code -Dposthorn.soak-minutes} says how long.
 */
class SoakIT {
  private static final Duration LENGTH = Duration.ofMinutes(Integer.getInteger("posthorn.soak-minutes", 30));
  private static final Duration SAMPLE = Duration.ofSeconds(2);
  private static final int RESTARTS = 6;
  private static final int SENDERS = 4;
  /** How long a sender waits between two messages. */
  private static final long PAUSE_MILLIS = 40;
  /** What may be delivered again after a kill: transactions under way, and notes not written yet. */
  private static final int REPEATED_BY_A_KILL = 100;

  private static final long MIB = 1 << 20;
  private static final long MOST_THREADS = 300;
  private static final long MOST_FILES = 400;
  private static final long MOST_JOURNAL = 10 * 32 * MIB;
  private static final long MOST_INDEX = 200 * MIB;
  /** What garbage may be left by chance when the heap is looked at. */
  private static final long HEAP_NOISE = 32 * MIB;

  @TempDir
  private Path folder;

  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final AtomicInteger number = new AtomicInteger();
  private final List<ProcessSample> samples = new ArrayList<>();

  @Test
  void staysWithinItsBounds() throws Exception {
    assumeThat(Nightly.isOn()).as("-Dposthorn.nightly=true").isTrue();
    int metrics = FreePort.find();
    try (var sink = AcceptingServer.start("PIPELINING"); var moody = AcceptingServer.start("PIPELINING")) {
      moody.answer("RCPT .*[37]@moody.*", "451 4.3.2 busy");
      moody.answer("RCPT .*9@moody.*", "550 5.1.1 no such user");
      try (var daemon = PackagedDaemon.start(folder, settings(sink, moody, metrics))) {
        int kills = run(daemon, metrics);
        moody.answer("RCPT .*[37]@moody.*", "250 2.1.5 ok");
        daemon.awaitEmptyQueue();
        samples.add(ProcessSample.of(daemon, metrics));
        report();
        checkMail(kills, List.of(sink, moody), daemon);
        checkBounds();
      }
    }
  }

  private static String settings(AcceptingServer sink, AcceptingServer moody, int metrics) {
    return """
           [[route]]
           domain = "moody.example"
           via = "smtp://127.0.0.1:%d"
           [[route]]
           domain = "*"
           via = "smtp://127.0.0.1:%d"
           [retry]
           first = "5s"
           longest = "20s"
           [admin]
           metrics-address = "127.0.0.1:%d"
           """.formatted(moody.address().getPort(), sink.address().getPort(), metrics);
  }

  /** Sends for the time that was asked for, and restarts the daemon meanwhile; returns how often it was killed. */
  private int run(PackagedDaemon daemon, int metrics) throws Exception {
    var end = new CountDownLatch(1);
    int kills = 0;
    try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        for (int i = 0; i < SENDERS; i++) {
          senders.execute(() -> send(daemon, end));
        }
        for (int part = 0; part < RESTARTS; part++) {
          if (part > 0) {
            kills += restart(daemon, part);
          }
          watch(daemon, metrics, LENGTH.dividedBy(RESTARTS));
        }
      } finally {
        end.countDown();
      }
    }
    return kills;
  }

  private static int restart(PackagedDaemon daemon, int part) throws Exception {
    boolean kill = part % 2 == 0;
    if (kill) {
      daemon.kill();
    } else {
      assertThat(daemon.stop()).isZero();
    }
    daemon.restart();
    return kill ? 1 : 0;
  }

  private void watch(PackagedDaemon daemon, int metrics, Duration time) throws Exception {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < until) {
      new CountDownLatch(1).await(SAMPLE.toMillis(), TimeUnit.MILLISECONDS);
      samples.add(ProcessSample.of(daemon, metrics));
    }
  }

  private void send(PackagedDaemon daemon, CountDownLatch end) {
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
      case 0 -> "user" + n % 20 + "@here.example";
      case 1 -> "u" + n % 10 + "@moody.example";
      default -> "u" + n % 10 + "@far.example";
    };
    int size = n % 50 == 0 ? 600_000 : 500 + n % 9_000;
    talk.mail("alice@here.example", to, "Subject: soak %d\r\n\r\n%s\r\n".formatted(n, body(size)));
    accepted.add("soak " + n + " " + to);
  }

  private static String body(int size) {
    return ("x".repeat(76) + "\r\n").repeat(size / 78);
  }

  private void checkMail(int kills, List<AcceptingServer> servers, PackagedDaemon daemon) throws IOException {
    Map<String, Integer> arrived = new HashMap<>();
    for (var server : servers) {
      for (var mail : server.mails()) {
        for (var recipient : mail.recipients()) {
          arrived.merge(name(mail.content(), recipient.replaceAll("[<>]", "")), 1, Integer::sum);
        }
      }
    }
    for (int user = 0; user < 20; user++) {
      for (var mail : daemon.mailbox("user" + user)) {
        arrived.merge(name(mail, "user" + user + "@here.example"), 1, Integer::sum);
      }
    }
    var expected = accepted.stream().filter(name -> !name.endsWith("9@moody.example")).toList();
    assertThat(arrived.keySet()).containsAll(expected);
    int repeated = arrived.values().stream().mapToInt(times -> times - 1).sum();
    assertThat(repeated).as("repeated").isLessThanOrEqualTo(kills * REPEATED_BY_A_KILL);
    long returned = accepted.stream().filter(name -> name.endsWith("9@moody.example")).count();
    assertThat((long) daemon.mailbox("alice").size()).as("reports")
        .isBetween(returned, returned + (long) kills * REPEATED_BY_A_KILL);
  }

  private static String name(String content, String recipient) {
    var subject = content.lines().filter(line -> line.startsWith("Subject: ")).findFirst().orElse("Subject: none");
    return subject.substring("Subject: ".length()) + " " + recipient;
  }

  private void checkBounds() {
    for (var sample : samples) {
      assertThat(sample.threads()).as("threads").isLessThan(MOST_THREADS);
      assertThat(sample.files()).as("files").isLessThan(MOST_FILES);
      assertThat(sample.journal()).as("octets of the journal").isLessThan(MOST_JOURNAL);
      assertThat(sample.index()).as("octets of the index").isLessThan(MOST_INDEX);
    }
    var middle = samples.subList(samples.size() / 3, 2 * samples.size() / 3);
    var last = samples.subList(2 * samples.size() / 3, samples.size());
    assertThat(leastHeap(last)).as("heap in the last third, after the middle one")
        .isLessThan(leastHeap(middle) * 3 / 2 + HEAP_NOISE);
    assertThat(samples.getLast().spooled()).as("files in the spool at the end").isZero();
  }

  private static long leastHeap(List<ProcessSample> part) {
    return part.stream().mapToLong(ProcessSample::heap).min().orElse(0);
  }

  @SuppressWarnings("SystemOut") // these are the figures that the run is for
  private void report() {
    System.out.printf("soak: %s, %d messages accepted, %d samples%n", LENGTH, accepted.size(), samples.size());
    System.out.println("part  heap-min MB  heap-max MB  rss MB  threads  files  journal MB  index MB  spool files");
    int parts = 6;
    for (int part = 0; part < parts; part++) {
      var some = samples.subList(part * samples.size() / parts, (part + 1) * samples.size() / parts);
      if (!some.isEmpty()) {
        System.out.printf("%4d  %11.1f  %11.1f  %6.1f  %7d  %5d  %10.1f  %8.1f  %11d%n", part + 1,
            leastHeap(some) / (double) MIB, most(some, ProcessSample::heap) / (double) MIB,
            most(some, ProcessSample::rss) / (double) MIB, most(some, ProcessSample::threads),
            most(some, ProcessSample::files), most(some, ProcessSample::journal) / (double) MIB,
            most(some, ProcessSample::index) / (double) MIB, most(some, ProcessSample::spooled));
      }
    }
  }

  private static long most(List<ProcessSample> some, ToLongFunction<ProcessSample> what) {
    return some.stream().mapToLong(what).max().orElse(0);
  }
}
