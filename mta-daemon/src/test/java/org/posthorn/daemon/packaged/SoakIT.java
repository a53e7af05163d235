package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Nightly;

/**
 * Mixed mail with deferrals, bounces, restarts and kills: what the daemon needs stays within bounds, and everything arrives.
 * It takes some seconds; in the nightly mode half an hour, and then nothing may grow from the middle to the end either.
 */
class SoakIT {
  private static final Duration LENGTH = Duration.ofSeconds(Nightly.times(16, 30 * 60));
  /** What may be delivered again after a kill: transactions under way, and notes not written yet. */
  private static final int REPEATED_BY_A_KILL = 100;

  private static final long MIB = 1 << 20;
  private static final long MOST_THREADS = 300;
  private static final long MOST_FILES = 400;
  private static final long MOST_JOURNAL = 10 * 32 * MIB;
  private static final long MOST_INDEX = 200 * MIB;
  /** What garbage may be left by chance when the heap is looked at. */
  private static final long HEAP_NOISE = 16 * MIB;
  /** How much more memory may be touched late than early: the compiler's work comes in bursts, and glibc keeps the room for it. */
  private static final long RSS_NOISE = 32 * MIB;
  /** How much the index may differ from one moment to another: H2 uses room again after a while. */
  private static final long INDEX_NOISE = 32 * MIB;
  /** How many more connections there may be at one moment than at another, both sides together. */
  private static final long CONNECTIONS_NOISE = 60;

  @TempDir
  private Path folder;

  @Test
  void staysWithinItsBounds() throws Exception {
    int metrics = FreePort.find();
    try (var sink = AcceptingServer.start("PIPELINING");
        var moody = AcceptingServer.start("PIPELINING");
        var daemon = PackagedDaemon.start(folder, settings(sink, moody, metrics))) {
      var load = new SoakLoad(daemon, metrics, moody);
      var steady = load.run(LENGTH);
      report(load);
      checkMail(load, List.of(sink, moody), daemon);
      checkBounds(load.samples());
      if (Nightly.isOn()) {
        checkGrowth(steady.subList(0, steady.size() / 3), steady.subList(2 * steady.size() / 3, steady.size()));
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
           first = "2s"
           longest = "20s"
           [admin]
           metrics-address = "127.0.0.1:%d"
           """.formatted(moody.address().getPort(), sink.address().getPort(), metrics);
  }

  private static void checkMail(SoakLoad load, List<AcceptingServer> servers, PackagedDaemon daemon)
      throws IOException {
    var arrived = arrived(servers, daemon);
    var returned = load.accepted().stream().filter(name -> name.endsWith("9@moody.example")).toList();
    assertThat(arrived.keySet())
        .containsAll(load.accepted().stream().filter(name -> !name.endsWith("9@moody.example")).toList());
    int again = load.kills() * REPEATED_BY_A_KILL;
    int repeated = arrived.values().stream().mapToInt(times -> times - 1).sum();
    assertThat(repeated).as("repeated").isLessThanOrEqualTo(again);
    // What was not answered because the daemon was killed may be there all the same (RFC 5321 §4.5.3.2.6).
    assertThat(daemon.mailbox("alice").size()).as("reports").isBetween(returned.size(), returned.size() + again);
  }

  /** Returns how often what arrived, by number and recipient. */
  private static Map<String, Integer> arrived(List<AcceptingServer> servers, PackagedDaemon daemon) throws IOException {
    Map<String, Integer> arrived = new HashMap<>();
    for (var server : servers) {
      for (var mail : server.mails()) {
        for (var recipient : mail.recipients()) {
          arrived.merge(name(mail.content(), recipient.replaceAll("[<>]", "")), 1, Integer::sum);
        }
      }
    }
    for (int user = 0; user < SoakLoad.USERS; user++) {
      for (var mail : daemon.mailbox("user" + user)) {
        arrived.merge(name(mail, "user" + user + "@here.example"), 1, Integer::sum);
      }
    }
    return arrived;
  }

  private static String name(String content, String recipient) {
    var subject = content.lines().filter(line -> line.startsWith("Subject: ")).findFirst().orElse("Subject: none");
    return subject.substring("Subject: ".length()) + " " + recipient;
  }

  private static void checkBounds(List<ProcessSample> samples) {
    assertThat(most(samples, ProcessSample::threads)).as("threads").isLessThan(MOST_THREADS);
    assertThat(most(samples, ProcessSample::files)).as("open files").isLessThan(MOST_FILES);
    assertThat(most(samples, ProcessSample::journal)).as("octets of the journal").isLessThan(MOST_JOURNAL);
    assertThat(most(samples, ProcessSample::index)).as("octets of the index").isLessThan(MOST_INDEX);
    assertThat(samples.getLast().spooled()).as("files in the spool at the end").isZero();
  }

  /** Compares the last minutes with those after the last restart: the load was the same. */
  private static void checkGrowth(List<ProcessSample> early, List<ProcessSample> late) {
    assertThat(least(late, ProcessSample::heap)).as("heap").isLessThan(least(early, ProcessSample::heap) + HEAP_NOISE);
    assertThat(most(late, ProcessSample::rss)).as("memory").isLessThan(most(early, ProcessSample::rss) + RSS_NOISE);
    assertThat(most(late, ProcessSample::threads)).as("threads")
        .isLessThan(most(early, ProcessSample::threads) + CONNECTIONS_NOISE);
    assertThat(most(late, ProcessSample::files)).as("open files")
        .isLessThan(most(early, ProcessSample::files) + CONNECTIONS_NOISE);
    assertThat(most(late, ProcessSample::journal)).as("octets of the journal")
        .isLessThan(2 * most(early, ProcessSample::journal));
    assertThat(most(late, ProcessSample::index)).as("octets of the index")
        .isLessThan(most(early, ProcessSample::index) + INDEX_NOISE);
  }

  @SuppressWarnings("SystemOut") // these are the figures that the run is for
  private static void report(SoakLoad load) {
    var samples = load.samples();
    System.out.printf("soak: %s, %d messages accepted, %d kills, %d samples%n", LENGTH, load.accepted().size(),
        load.kills(), samples.size());
    System.out
        .println("part  heap-min MB  heap-max MB  heap taken MB  rss-min MB  rss-max MB  threads  files  journal MB"
            + "  index MB  spool files");
    int parts = 8;
    for (int part = 0; part < parts; part++) {
      var some = samples.subList(part * samples.size() / parts, (part + 1) * samples.size() / parts);
      System.out.printf("%4d  %11.1f  %11.1f  %13.1f  %10.1f  %10.1f  %7d  %5d  %10.1f  %8.1f  %11d%n", part + 1,
          mib(least(some, ProcessSample::heap)), mib(most(some, ProcessSample::heap)),
          mib(most(some, ProcessSample::committed)), mib(least(some, ProcessSample::rss)),
          mib(most(some, ProcessSample::rss)), most(some, ProcessSample::threads), most(some, ProcessSample::files),
          mib(most(some, ProcessSample::journal)), mib(most(some, ProcessSample::index)),
          most(some, ProcessSample::spooled));
    }
    System.out.println("at the end: " + samples.getLast());
  }

  private static double mib(long octets) {
    return octets / (double) MIB;
  }

  private static long least(List<ProcessSample> some, ToLongFunction<ProcessSample> what) {
    return some.stream().mapToLong(what).min().orElse(0);
  }

  private static long most(List<ProcessSample> some, ToLongFunction<ProcessSample> what) {
    return some.stream().mapToLong(what).max().orElse(0);
  }
}
