package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.Nightly;
import org.posthorn.testkit.SmtpTalk;

/**
 * Kills the daemon again and again while mail is sent without pause: what was answered with 250 arrives, and nothing but
 * what was in flight at a kill arrives twice (RFC 5321 §4.2.5, §6.1).
 */
class CrashIT {
  private static final int ROUNDS = Nightly.times(20, 100);
  private static final int SENDERS = 4;
  /** The most transactions that can be in flight to the one next hop: its concurrency limit. */
  private static final int IN_FLIGHT = 20;

  @TempDir
  private Path folder;

  /** What happens to the index between a kill and the next start. */
  enum Index {
    KEPT, DELETED, TRUNCATED
  }

  @ParameterizedTest(name = "index {0}")
  @EnumSource
  void losesNothingThatWasAcknowledgedWhenKilledUnderLoad(Index index) throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    Set<String> acknowledged = Collections.synchronizedSet(new HashSet<>());
    var number = new AtomicInteger();
    try (var sink = AcceptingServer.start();
        var daemon = PackagedDaemon.start(folder, """
                                                  [[route]]
                                                  domain = "*"
                                                  via = "smtp://127.0.0.1:%d"
                                                  """.formatted(sink.address().getPort()))) {
      for (int round = 0; round < ROUNDS; round++) {
        sendUntilKilled(daemon, acknowledged, number, 1 + random.nextInt(150));
        damage(index, daemon.home().resolve("data"), random);
        daemon.restart();
      }
      daemon.awaitEmptyQueue();
      Map<String, Integer> arrived = new HashMap<>();
      for (var message : sink.mails()) {
        arrived.merge(subject(message.content()), 1, Integer::sum);
      }
      assertThat(arrived.keySet()).as("seed %d", seed).containsAll(acknowledged);
      int repeated = arrived.values().stream().mapToInt(times -> times - 1).sum();
      assertThat(repeated).as("repeated, seed %d", seed).isLessThanOrEqualTo(ROUNDS * IN_FLIGHT);
    }
  }

  /** Sends from several connections at once and kills the daemon as soon as {@code count} more are acknowledged. */
  private static void sendUntilKilled(PackagedDaemon daemon, Set<String> acknowledged, AtomicInteger number, int count)
      throws InterruptedException {
    int enough = acknowledged.size() + count;
    try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
      senders.invokeAll(IntStream.range(0, SENDERS)
          .<Callable<Object>>mapToObj(_ -> () -> send(daemon, acknowledged, number, enough))
          .toList());
    }
    daemon.kill(); // if no sender came so far
  }

  private static Object send(PackagedDaemon daemon, Set<String> acknowledged, AtomicInteger number, int enough)
      throws InterruptedException {
    try (var talk = SmtpTalk.greet(daemon.port())) {
      while (true) {
        var name = "number " + number.incrementAndGet();
        talk.mail("sender@here.example", "someone@there.example", "Subject: " + name + "\r\n\r\nbody\r\n");
        acknowledged.add(name);
        if (acknowledged.size() >= enough) {
          daemon.kill();
        }
      }
    } catch (IOException e) {
      return e; // the daemon is dead, as it should be
    }
  }

  private static void damage(Index index, Path data, Random random) throws IOException {
    List<Path> files;
    try (var all = Files.walk(data)) {
      files = all.filter(path -> path.getFileName().toString().equals("index.mv.db")).collect(Collectors.toList());
    }
    assertThat(files).isNotEmpty();
    for (var file : files) {
      switch (index) {
        case KEPT -> {
        }
        case DELETED -> Files.delete(file);
        case TRUNCATED -> {
          try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() * random.nextInt(100) / 100);
          }
        }
      }
    }
  }

  private static String subject(String message) {
    return message.lines()
        .filter(line -> line.startsWith("Subject: "))
        .map(line -> line.substring(9))
        .findFirst()
        .orElse("none");
  }
}
