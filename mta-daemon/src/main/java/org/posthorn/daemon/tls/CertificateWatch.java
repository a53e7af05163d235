package org.posthorn.daemon.tls;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after our certificates: puts renewed files in force, and warns of what is wrong with them when it begins to be, and
 * every day. It looks at the files themselves, as ACME tools move symbolic links, of which no operating system tells.
 */
public final class CertificateWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration REMINDER = Duration.ofDays(1);

  private final ServerTls tls;
  private final InstantSource clock;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
      .daemon()
      .name("certificates")
      .factory());
  private List<String> told = List.of(); // guarded by this
  private Instant toldAt = Instant.EPOCH; // guarded by this

  /** Watches the certificates of {@code tls}. */
  public CertificateWatch(ServerTls tls, InstantSource clock) {
    this.tls = tls;
    this.clock = clock;
  }

  /** Looks now, and again and again until it is closed. */
  public void start() {
    look();
    var _ = thread.scheduleWithFixedDelay(this::lookSafely, INTERVAL.toSeconds(), INTERVAL.toSeconds(),
        TimeUnit.SECONDS);
  }

  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException e) { // a thread that ends would leave us with certificates that expire
      log.atError().setCause(e).log("cannot look after the certificates");
    }
  }

  /** Looks once. */
  public synchronized void look() {
    tls.refresh();
    var states = tls.states();
    // How many days or hours are left is no news.
    var problems = states.stream()
        .flatMap(state -> state.problems().stream())
        .map(problem -> problem.replaceAll("[0-9]+", ""))
        .toList();
    Instant now = clock.instant();
    if (!problems.equals(told) || !now.isBefore(toldAt.plus(REMINDER))) {
      states.forEach(CertificateWatch::tell);
      told = problems;
      toldAt = now;
    }
  }

  private static void tell(CertificateState state) {
    for (var problem : state.problems()) {
      log.atWarn()
          .addKeyValue("file", state.source())
          .addKeyValue("problem", problem)
          .log("certificate");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
