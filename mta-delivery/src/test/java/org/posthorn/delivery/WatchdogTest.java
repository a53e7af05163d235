package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.posthorn.smtp.Domain;

class WatchdogTest {
  @Test
  void breaksOneConnectionAfterAnotherCouldNotBeBroken() throws Exception {
    var failed = new CountDownLatch(2);
    var broken = new CountDownLatch(1);
    try (var watchdog = new Watchdog(Duration.ofMillis(1))) {
      watch(watchdog, () -> {
        failed.countDown();
        throw new IllegalStateException("a bug");
      });
      watch(watchdog, () -> {
        failed.countDown();
        throw new LinkageError("as the test wants it");
      });
      assertThat(failed.await(60, TimeUnit.SECONDS)).isTrue();
      watch(watchdog, broken::countDown);
      assertThat(broken.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void watch(Watchdog watchdog, Closeable socket) {
    var reversed = new Reversed(Domain.of("peer.example"), new InetSocketAddress(25), Optional.empty(),
        new ByteArrayInputStream(new byte[0]), OutputStream.nullOutputStream(), socket);
    Transport.over(reversed, watchdog).transport().limit(Duration.ofMillis(1));
  }
}
