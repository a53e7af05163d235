package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.admin.DaemonStatus;
import org.posthorn.daemon.admin.DaemonStatus.State;
import org.posthorn.daemon.admin.Json;
import org.posthorn.daemon.admin.StatusView;
import org.posthorn.daemon.admin.TrackingView;
import org.posthorn.daemon.inbound.CheckpointFill;
import org.posthorn.queue.QueueCounts;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StopCommandTest {
  @TempDir
  private Path directory;

  @Test
  void isDoneWhenTheDaemonEndsBeforeItAnswers() throws Exception {
    var path = directory.resolve("s");
    var daemon = new ProcessBuilder("sleep", "60").start();
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      var talk = CompletableFuture.runAsync(() -> {
        answer(server, "HTTP/1.1 200 OK\r\n\r\n" + Json.pretty(status(daemon.pid())));
        answer(server, "");
        daemon.destroy();
      });
      var run = CommandRun.of("stop", "--socket", path.toString());
      talk.join();
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).isEqualTo("Stopped.\n");
      assertThat(run.exitCode()).isZero();
    } finally {
      daemon.destroy();
    }
  }

  private static void answer(ServerSocketChannel server, String answer) {
    try (var client = server.accept()) {
      client.read(ByteBuffer.allocate(1000));
      client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static StatusView status(long pid) {
    return new StatusView(
        new DaemonStatus("1", pid, Instant.EPOCH, State.SERVING, "x.toml", "mx.example.org", List.of(),
            "/data", 0, 0, CheckpointFill.NONE, List.of(), List.of(), TrackingView.OFF, List.of()),
        new QueueCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0);
  }
}
