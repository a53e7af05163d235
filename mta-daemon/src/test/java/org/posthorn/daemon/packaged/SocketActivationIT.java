package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.SmtpTalk;

/** The packaged daemon on sockets that systemd's own tool opens and hands over. */
class SocketActivationIT {
  private static final String MAIL = "Subject: hello\r\n\r\nThe text.\r\n";
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int PATIENCE_SECONDS = 120;

  @TempDir
  private Path folder;

  @Test
  void servesEachSocketForItsKindOfClientsAndOpensTheOthersItself() throws Exception {
    int mx = FreePort.find();
    int submission = FreePort.find();
    int submissions = FreePort.find();
    var daemon = activate("mx:submission", """
                                           [[listener]]
                                           address = "127.0.0.1:1"
                                           [[listener]]
                                           address = "127.0.0.1:%d"
                                           kind = "submissions"
                                           """.formatted(submissions), mx, submission);
    try (var client = greet(mx); var person = SmtpTalk.greet(submission)) {
      client.mail("sender@elsewhere.example", "alice@here.example", MAIL);
      person.say("MAIL FROM:<alice@here.example>", "530 5.7.0");
      connect(submissions).close(); // which may be opened while the first client is served
      client.say("QUIT", "221");
    } finally {
      daemon.destroy();
      assertThat(daemon.waitFor()).isZero();
    }
  }

  @Test
  void servesLmtpAtAPathThatStaysWhenItEnds() throws Exception {
    var socket = folder.resolve("lmtp.sock");
    var daemon = activate("lmtp", "", socket.toString());
    try (var client = connect(socket)) {
      var said = """
                 LHLO client.example\r
                 MAIL FROM:<sender@elsewhere.example>\r
                 RCPT TO:<alice@here.example>\r
                 DATA\r
                 Subject: hello\r
                 \r
                 The text.\r
                 .\r
                 QUIT\r
                 """;
      client.write(ByteBuffer.wrap(said.getBytes(StandardCharsets.US_ASCII)));
      var replies = new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(replies).startsWith("220 mail.here.example LMTP")
          .contains("250 2.0.0 Queued as")
          .contains("221 2.0.0");
    } finally {
      daemon.destroy();
      assertThat(daemon.waitFor()).isZero();
    }
    assertThat(socket).exists();
  }

  private static SocketChannel connect(Path socket) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
      } catch (IOException e) { // the tool does not listen yet
        if (System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  @Test
  void refusesASocketOfAKindThatItDoesNotKnow() throws Exception {
    int port = FreePort.find();
    var daemon = activate("imap", "", port);
    try (var _ = connect(port)) {
      assertThat(daemon.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(daemon.exitValue()).isNotZero();
      assertThat(Files.readString(folder.resolve("log"))).contains(
          "FileDescriptorName=imap, which must be one of [mx, submission, submissions, lmtp");
    }
  }

  /** The first connection starts the daemon, which answers when it is ready. */
  private Process activate(String names, String listeners, int... ports) throws Exception {
    return activate(names, listeners,
        IntStream.of(ports).mapToObj(port -> "127.0.0.1:" + port).toArray(String[]::new));
  }

  private Process activate(String names, String listeners, String... places) throws Exception {
    var installation = PackagedDaemon.unpack(folder.resolve("installation"));
    var settings = folder.resolve("posthorn.toml");
    Files.writeString(settings, """
                                hostname = "mail.here.example"
                                data-directory = "data"
                                %s
                                [local]
                                domains = ["here.example"]
                                users = ["alice"]
                                """.formatted(listeners));
    var command = new ArrayList<>(List.of(Needs.program("systemd-socket-activate").toString(),
        "--fdname=" + names));
    for (var place : places) {
      command.addAll(List.of("-l", place));
    }
    command.addAll(List.of(installation.resolve("posthorn").toString(), "run", "--config", settings.toString()));
    return new ProcessBuilder(command).redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private static SmtpTalk greet(int port) throws IOException {
    var talk = connect(port);
    talk.expect("220");
    talk.say("EHLO client.example", "250");
    return talk;
  }

  private static SmtpTalk connect(int port) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        return SmtpTalk.connect(port);
      } catch (ConnectException e) { // the tool does not listen yet
        if (System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }
}
