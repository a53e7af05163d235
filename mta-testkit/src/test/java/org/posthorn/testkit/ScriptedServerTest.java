package org.posthorn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ScriptedServerTest {
  private static final String SHORT = """
                                      S: 220 mx.example.net
                                      C: EHLO client
                                      S: 250-mx.example.net\\n250 SIZE
                                      """;

  @Test
  void playsItsScriptToAClientThatPipelines() throws Exception {
    try (var server = ScriptedServer.start("""
                                           S: 220 mx.example.net
                                           C: EHLO \\S+
                                           S: 250 mx
                                           C: MAIL FROM:<a@example.org>
                                           C: RCPT TO:<b@example\\.net>.*
                                           C: DATA
                                           S: 250 ok
                                           S: 550 no
                                           S: 354 go
                                           C: <message>
                                           S: 250 taken
                                           """); var client = new Client(server.address())) {
      client.send("EHLO client\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net> X=1\r\nDATA\r\n");
      client.send("Subject: x\r\n\r\n..dot\r\nbare\n.\n\r\n.\r\n");
      assertThat(client.readUntil("250 taken\r\n"))
          .isEqualTo("220 mx.example.net\r\n250 mx\r\n250 ok\r\n550 no\r\n354 go\r\n250 taken\r\n");
      server.assertFinished();
      assertThat(server.messages()).containsExactly("Subject: x\r\n\r\n.dot\r\nbare\n.\n\r\n");
      assertThat(server.commands()).hasSize(4).contains("DATA");
    }
  }

  @Test
  void showsBothSidesWhenTheClientSaysSomethingElse() throws Exception {
    try (var server = ScriptedServer.start(SHORT); var client = new Client(server.address())) {
      client.send("HELO client\r\n");
      assertThatThrownBy(server::assertFinished).isInstanceOf(AssertionError.class)
          .hasMessageContainingAll("connection 1", "expected C: EHLO client", "but got C: HELO client",
              "220 mx.example");
    }
  }

  @Test
  void noticesACommandBehindTheScript() throws Exception {
    try (var server = ScriptedServer.start(SHORT); var client = new Client(server.address())) {
      client.send("EHLO client\r\nNOOP\r\n");
      client.readToEnd();
      assertThatThrownBy(server::assertFinished).hasMessageContaining("but got C: NOOP");
    }
  }

  @Test
  void noticesAClientThatLeavesEarly() throws Exception {
    try (var server = ScriptedServer.start(SHORT)) {
      new Client(server.address()).close();
      assertThatThrownBy(server::assertFinished).hasMessageContainingAll("expected", "but got java.");
    }
  }

  @Test
  void playsAnotherScriptToTheSecondConnectionAndRefusesAThird() throws Exception {
    try (var server = ScriptedServer.start("S: 421 busy\nCLOSE:", "S: 220 ready\nC: QUIT\nS: 221 bye")) {
      try (var first = new Client(server.address()); var second = new Client(server.address())) {
        second.send("QUIT\r\n");
        assertThat(first.readToEnd()).isEqualTo("421 busy\r\n");
        assertThat(second.readToEnd()).isEqualTo("220 ready\r\n221 bye\r\n");
      }
      server.assertFinished();
      assertThatThrownBy(() -> {
        try (var third = new Client(server.address())) { // it may be reset as soon as it is connected
          third.readToEnd();
        }
      }).isInstanceOf(IOException.class);
      assertThatThrownBy(server::assertFinished).hasMessageContaining("3 connections");
    }
  }

  @Test
  void readsChunksOfTheAnnouncedSize() throws Exception {
    try (var server = ScriptedServer.start("""
                                           C: BDAT 3
                                           BDAT:
                                           S: 250 ok
                                           BDAT:
                                           S: 250 ok
                                           """); var client = new Client(server.address())) {
      client.send("BDAT 3\r\nab\nBDAT 4 LAST\r\n.\r\nz");
      client.readUntil("250 ok\r\n250 ok\r\n");
      server.assertFinished();
      assertThat(server.messages()).containsExactly("ab\n.\r\nz");
    }
  }

  @Test
  void holdsUntilItIsReleased() throws Exception {
    try (var server = ScriptedServer.start("S: 220 a\nHOLD:\nS: 250 b\n"); var client = new Client(server.address())) {
      client.readUntil("220 a\r\n");
      server.release();
      assertThat(client.readUntil("250 b\r\n")).isEqualTo("250 b\r\n");
      server.assertFinished();
    }
  }

  @Test
  void holdsAtTheEndForAsLongAsTheClientStays() throws Exception {
    try (var server = ScriptedServer.start("S: 220 a\nHOLD:\n"); var client = new Client(server.address())) {
      client.readUntil("220 a\r\n");
      server.assertFinished();
      client.send("anything\r\n");
    }
  }

  @Test
  void sendsAnyOctet() throws Exception {
    try (var server = ScriptedServer.start("RAW: a\\x00\\xff\\\\b\\r\\n\nS: yz…(8 octets)\\x80\nCLOSE:");
        var client = new Client(server.address())) {
      assertThat(client.readToEnd()).isEqualTo("a\0\u00ff\\b\r\nyzzzzzzzz\u0080\r\n");
    }
  }

  @Test
  void listensOnAUnixSocket(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("lmtp");
    try (var server = ScriptedServer.startUnix(socket, "S: 220 lmtp\nC: LHLO me\nS: 250 ok");
        var client = new Client(UnixDomainSocketAddress.of(socket))) {
      client.send("LHLO me\r\n");
      client.readUntil("250 ok\r\n");
      server.assertFinished();
    }
    assertThat(socket).doesNotExist();
  }

  /** A client that says what it is told to. */
  static final class Client implements AutoCloseable {
    private final SocketChannel channel;

    Client(InetSocketAddress address) throws IOException {
      channel = SocketChannel.open(address);
    }

    Client(SocketAddress address) throws IOException {
      channel = SocketChannel.open(address);
    }

    void send(String text) throws IOException {
      ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
      while (octets.hasRemaining()) {
        channel.write(octets);
      }
    }

    String readUntil(String end) throws IOException {
      var text = new StringBuilder();
      ByteBuffer one = ByteBuffer.allocate(1);
      while (text.indexOf(end) < 0 && channel.read(one.clear()) > 0) {
        text.append((char) (one.get(0) & 0xff));
      }
      return text.toString();
    }

    String readToEnd() throws IOException {
      return readUntil("\0never");
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
