package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.inbound.MessageLimits;
import org.posthorn.daemon.inbound.SessionSettings;
import org.posthorn.daemon.socket.SocketFile;

class UnixListenerTest {
  @TempDir
  private Path folder;
  private final Inbound inbound = new Inbound();
  private final RunningListeners running = new RunningListeners(inbound);

  @AfterEach
  void close() {
    running.close();
  }

  @Test
  void servesLmtpAndTrustsWhoeverMayConnect() throws Exception {
    listen("rw-rw----");
    assertThat(Files.getPosixFilePermissions(socket())).isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
    assertThat(talk("""
                    LHLO client.example\r
                    MAIL FROM:<s@client.example>\r
                    RCPT TO:<anyone@elsewhere.example>\r
                    RCPT TO:<alice@example.org>\r
                    DATA\r
                    Subject: x\r
                    \r
                    x\r
                    .\r
                    QUIT\r
                    """)).startsWith("220 mx.example.org LMTP")
        .containsPattern("354 .*\r\n250 2.0.0 Queued.*\r\n250 2.0.0 Queued.*\r\n221 ");
    assertThat(inbound.accepted.getFirst().envelope().client()).isEqualTo("localhost[127.0.0.1]");
  }

  @Test
  void replacesASocketThatNobodyServes() throws Exception {
    try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(socket()));
    }
    listen("rw-------");
    assertThat(talk("QUIT\r\n")).startsWith("220");
  }

  @Test
  void leavesASocketThatIsServedToItsOwner() throws Exception {
    listen("rw-------");
    assertThatThrownBy(() -> listen("rw-------")).isInstanceOf(IOException.class)
        .hasMessageContaining("another process does");
    assertThat(talk("QUIT\r\n")).startsWith("220");
  }

  @Test
  void leavesAFileAlone() throws Exception {
    Files.writeString(socket(), "precious");
    assertThatThrownBy(() -> listen("rw-------")).isInstanceOf(IOException.class)
        .hasMessageContaining("no socket");
    assertThat(socket()).hasContent("precious");
  }

  @Test
  void takesTheSocketAwayWhenItStops() throws Exception {
    listen("rw-------");
    running.first().close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void saysWhichOwnerThereIsNot() {
    assertThatThrownBy(() -> listen(new SocketFile(socket(), PosixFilePermissions.fromString("rw-rw----"),
        Optional.of("nobody-of-that-name"), Optional.empty()))).isInstanceOf(IOException.class);
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"", "LHLO client.example",
      "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nhalf a ",
      "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nBDAT 100 LAST\r\nhalf"})
  void doesNotWaitLongForWhoStopsOnTheWay(String sent) throws Exception {
    listen(new SocketFile(socket(), "rw-------"), Duration.ofMillis(200));
    assertThat(talk(sent)).endsWith("421 4.4.2 Timed out waiting for you; goodbye\r\n");
    assertThat(inbound.spool.messages()).isEmpty();
    assertThat(inbound.spool.openDrafts()).isZero();
  }

  @Test
  @Timeout(60)
  void doesNotWaitLongForWhoReadsNoReply() throws Exception {
    listen(new SocketFile(socket(), "rw-------"), Duration.ofMillis(200));
    try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      while (inbound.counters.at(Kind.LMTP).connections() == 0) {
        Thread.onSpinWait();
      }
      channel.configureBlocking(false);
      var hellos = ByteBuffer.wrap("LHLO x\r\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
      boolean isOpen = true;
      while (isOpen && hellos.hasRemaining()) {
        isOpen = isTaken(channel, hellos);
      }
      while (running.first().connections() > 0) {
        Thread.onSpinWait();
      }
    }
  }

  private static boolean isTaken(SocketChannel channel, ByteBuffer octets) {
    try {
      return channel.write(octets) >= 0;
    } catch (IOException _) {
      return false; // closed by the other side
    }
  }

  private Path socket() {
    return folder.resolve("lmtp");
  }

  private void listen(String permissions) throws IOException {
    listen(new SocketFile(socket(), permissions));
  }

  private void listen(SocketFile file) throws IOException {
    listen(file, ConnectionLimits.DEFAULT.commandIdle());
  }

  private void listen(SocketFile file, Duration patience) throws IOException {
    var limits = new ConnectionLimits(1000, 50, patience, patience, 500, Duration.ZERO, patience);
    var settings = Inbound.settings(limits, new SessionSettings(2048, 10_000, 1_000_000, false, false, false),
        MessageLimits.DEFAULT);
    running.deaf(settings)
        .listen(List.of(new ListenerSettings(List.of(), Optional.of(file), Terms.of(Kind.LMTP))));
  }

  /** Sends {@code text} and returns all that is answered. */
  private String talk(String text) throws IOException {
    try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      isTaken(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII))); // or it was too late
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
