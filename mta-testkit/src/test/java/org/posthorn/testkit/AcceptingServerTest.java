package org.posthorn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.AcceptingServer.Mail;
import org.posthorn.testkit.ScriptedServerTest.Client;

@Timeout(30)
class AcceptingServerTest {
  private static final String MAIL = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\n";

  @Test
  void takesMailByDataAndByChunks() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING", "CHUNKING"); var client = new Client(server.address())) {
      client.send("EHLO me\r\n" + MAIL + "DATA\r\n..x\r\n.\r\n" + MAIL + "BDAT 2\r\nyzBDAT 3 LAST\r\n.\r\nQUIT\r\n");
      assertThat(client.readToEnd())
          .startsWith("220 sink.example ESMTP\r\n250-sink.example\r\n250-PIPELINING\r\n250 CHUNKING")
          .endsWith("221 2.0.0 bye\r\n");
      var to = List.of("<b@example.net>", "<c@example.net>");
      assertThat(server.mails()).containsExactly(new Mail(1, "<a@example.org>", to, ".x\r\n"),
          new Mail(1, "<a@example.org>", to, "yz.\r\n"));
      assertThat(server.connections()).isOne();
      assertThat(server.commands()).startsWith("EHLO me").endsWith("QUIT");
    }
  }

  @Test
  void answersAsToldAndKeepsOnlyWhatItAccepted() throws Exception {
    try (var server = AcceptingServer.start(); var client = new Client(server.address())) {
      server.answer("RCPT TO:<c@.*", "550 5.1.1 no\\n550 5.1.1 such user");
      server.answerOnce("\\.", "451 4.3.0 later");
      client.send("EHLO me\r\n" + MAIL + "DATA\r\none\r\n.\r\n" + MAIL + "DATA\r\ntwo\r\n.\r\nQUIT\r\n");
      assertThat(client.readToEnd()).contains("550 5.1.1 no\r\n550 5.1.1 such user\r\n", "451 4.3.0 later");
      assertThat(server.mails()).containsExactly(new Mail(1, "<a@example.org>", List.of("<b@example.net>"), "two\r\n"));
    }
  }

  @Test
  void dropsTheConnectionWhenTold() throws Exception {
    try (var server = AcceptingServer.start()) {
      server.answer("greeting", "CLOSE");
      try (var client = new Client(server.address())) {
        assertThat(client.readToEnd()).isEmpty();
      }
    }
  }

  @Test
  void answersForEachRecipientByLmtp(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("lmtp");
    try (var server = AcceptingServer.startLmtp(socket); var client = new Client(UnixDomainSocketAddress.of(socket))) {
      server.answer("\\. <b@.*", "552 5.2.2 full");
      client.send("LHLO me\r\n" + MAIL + "DATA\r\nx\r\n.\r\nQUIT\r\n");
      assertThat(client.readToEnd()).contains("552 5.2.2 full\r\n250 2.0.0 taken\r\n221");
      assertThat(server.awaitMails(1).getFirst().recipients()).containsExactly("<c@example.net>");
    }
  }
}
