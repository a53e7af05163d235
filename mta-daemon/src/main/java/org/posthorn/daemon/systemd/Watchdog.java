package org.posthorn.daemon.systemd;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells systemd at half of its interval that the daemon is alive, as long as a check says so; else systemd restarts it. */
public final class Watchdog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  private final SystemdNotifier systemd;
  private final BooleanSupplier check;
  private final CountDownLatch stop = new CountDownLatch(1);

  private Watchdog(SystemdNotifier systemd, BooleanSupplier check) {
    this.systemd = systemd;
    this.check = check;
  }

  /** Starts to watch, if systemd wants it; {@code check} must answer within a quarter of the interval. */
  public static Watchdog start(SystemdNotifier systemd, BooleanSupplier check) {
    var watchdog = new Watchdog(systemd, check);
    systemd.watchdog()
        .ifPresent(
            interval -> Thread.ofPlatform().daemon().name("watchdog").start(() -> watchdog.run(interval.dividedBy(2))));
    return watchdog;
  }

  @Override
  public void close() {
    stop.countDown();
  }

  private void run(Duration pause) {
    try {
      do {
        if (isAlive()) {
          systemd.alive();
        } else {
          LOG.atError().log("the daemon does not answer itself; systemd will restart it");
        }
      } while (!stop.await(pause.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isAlive() {
    try {
      return check.getAsBoolean();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("the daemon's check of itself failed");
      return false;
    }
  }
}
