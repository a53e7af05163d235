package org.posthorn.daemon.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class SystemdNotifierTest {
  @TempDir
  private Path directory;

  @Test
  void tellsTheSocketAtAPath() throws Throwable {
    String name = directory.resolve("notify").toString();
    try (var socket = new BoundDatagramSocket(name)) {
      var notifier = new SystemdNotifier(Map.of("NOTIFY_SOCKET", name));
      notifier.ready("listening on 127.0.0.1:25\nREADY=0");
      assertThat(socket.receive()).isEqualTo("READY=1\nSTATUS=listening on 127.0.0.1:25 READY=0");
      notifier.reloading();
      assertThat(socket.receive()).matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+");
      notifier.alive();
      assertThat(socket.receive()).isEqualTo("WATCHDOG=1");
      notifier.stopping();
      assertThat(socket.receive()).startsWith("STOPPING=1\n");
    }
  }

  @Test
  void tellsASocketInTheAbstractNamespace() throws Throwable {
    String name = "@posthorn-test-" + ProcessHandle.current().pid();
    try (var socket = new BoundDatagramSocket(name)) {
      new SystemdNotifier(Map.of("NOTIFY_SOCKET", name)).alive();
      assertThat(socket.receive()).isEqualTo("WATCHDOG=1");
    }
  }

  @Test
  void goesOnWhenNobodyListens() {
    var notifier = new SystemdNotifier(Map.of("NOTIFY_SOCKET", directory.resolve("gone").toString()));
    assertThatCode(notifier::alive).doesNotThrowAnyException();
    assertThatCode(new SystemdNotifier(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200)))::alive)
        .doesNotThrowAnyException();
    assertThatCode(new SystemdNotifier(Map.of())::alive).doesNotThrowAnyException();
  }

  @Test
  void readsTheWatchdogsIntervalWhenItIsForThisProcess() {
    long pid = ProcessHandle.current().pid();
    assertThat(new SystemdNotifier(Map.of("WATCHDOG_USEC", "30000000")).watchdog()).contains(Duration.ofSeconds(30));
    assertThat(new SystemdNotifier(Map.of("WATCHDOG_USEC", "1000", "WATCHDOG_PID", "" + pid)).watchdog())
        .contains(Duration.ofMillis(1));
    assertThat(new SystemdNotifier(Map.of("WATCHDOG_USEC", "1000", "WATCHDOG_PID", "1")).watchdog()).isEmpty();
    assertThat(new SystemdNotifier(Map.of("WATCHDOG_USEC", "soon")).watchdog()).isEmpty();
    assertThat(new SystemdNotifier(Map.of()).watchdog()).isEmpty();
  }

  @Test
  void staysSilentWhenTheDaemonIsNotAlive() throws Throwable {
    String name = directory.resolve("notify").toString();
    var asked = new CountDownLatch(3);
    try (var socket = new BoundDatagramSocket(name);
        var _ = Watchdog.start(new SystemdNotifier(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", "2000")), () -> {
          asked.countDown();
          return asked.getCount() >= 2;
        })) {
      assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(socket.receive()).isEqualTo("WATCHDOG=1");
      assertThatCode(socket::receive).hasMessage("no datagram");
    }
  }
}
