package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.AcceptingServer;

/** Mail that the next server cannot take as it is, and what its sender hears of it. */
final class NextHopTest {
  private static final String MAIL = "Subject: hello\r\n\r\nThe text.\r\n";

  @TempDir
  private Path directory;

  private RunningMta start(AcceptingServer server, String aliases) throws Exception {
    Files.writeString(directory.resolve("aliases"), aliases);
    return RunningMta.start(directory, """
                                       [[route]]
                                       via = "smtp://127.0.0.1:%d"
                                       """.formatted(server.address().getPort()));
  }

  private static void send(RunningMta mta, String mail, String recipient, String content) throws Exception {
    try (var client = mta.greet()) {
      client.say("MAIL FROM:" + mail, "250");
      client.say("RCPT TO:" + recipient, "250");
      client.say("DATA", "354");
      client.send(content);
      client.say(".", "250");
      client.say("QUIT", "221");
    }
  }

  @Test
  void convertsEightBitMailForAServerWithout8bitmime() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING"); var mta = start(server, "")) {
      send(mta, "<alice@example.org> BODY=8BITMIME", "<carol@far.example>", """
                                                                            Subject: hello\r
                                                                            MIME-Version: 1.0\r
                                                                            Content-Type: text/plain; charset=utf-8\r
                                                                            Content-Transfer-Encoding: 8bit\r
                                                                            \r
                                                                            Viele Grüße\r
                                                                            """);

      var mail = server.awaitMails(1).getFirst();
      assertThat(mail.from()).doesNotContain("BODY=8BITMIME");
      assertThat(mail.content()).containsIgnoringCase("Content-Transfer-Encoding: quoted-printable")
          .contains("Viele Gr=C3=BC=C3=9Fe")
          .matches(content -> content.chars().allMatch(c -> c < 0x80));
    }
  }

  @Test
  void returnsMailForAnInternationalAddressToAServerWithoutSmtputf8() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING", "8BITMIME"); var mta = start(server, "")) {
      send(mta, "<alice@example.org> SMTPUTF8", "<käthe@far.example>", MAIL);

      assertThat(mta.awaitMailbox("alice", 1)).singleElement()
          .asString()
          .contains("Action: failed", "Status: 5.6.7", "Return-Path: <>");
      mta.awaitEmpty();
      assertThat(server.mails()).isEmpty();
    }
  }

  @Test
  void saysRelayedWhenTheNextServerKnowsNoDsn() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING"); var mta = start(server, "")) {
      send(mta, "<alice@example.org> ENVID=QQ314159", "<carol@far.example> NOTIFY=SUCCESS", MAIL);

      assertThat(mta.awaitMailbox("alice", 1)).singleElement()
          .asString()
          .contains("Action: relayed", "Original-Envelope-Id: QQ314159", "Final-Recipient: rfc822; carol@far.example");
      assertThat(server.mails()).singleElement()
          .satisfies(mail -> assertThat(mail.recipients()).containsExactly("<carol@far.example>"));
    }
  }

  @Test
  void leavesTheReportToANextServerThatKnowsDsn() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING", "DSN"); var mta = start(server, "")) {
      send(mta, "<alice@example.org> ENVID=QQ314159 RET=HDRS",
          "<carol@far.example> NOTIFY=SUCCESS ORCPT=rfc822;carol@far.example", MAIL);

      var mail = server.awaitMails(1).getFirst();
      assertThat(mail.from()).contains("ENVID=QQ314159", "RET=HDRS");
      assertThat(mail.recipients()).singleElement()
          .asString()
          .contains("NOTIFY=SUCCESS", "ORCPT=rfc822;carol@far.example");
      mta.awaitEmpty();
      assertThat(mta.mailbox("alice")).isEmpty();
    }
  }

  @Test
  void saysExpandedWhenAnAliasStandsForSeveral() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING", "DSN");
        var mta = start(server, "team: bob, carol@far.example\n")) {
      send(mta, "<alice@example.org>", "<team@example.org> NOTIFY=SUCCESS", MAIL);

      server.awaitMails(1);
      mta.awaitMailbox("bob", 1);
      mta.awaitMailbox("alice", 1);
      mta.awaitEmpty();
      assertThat(mta.mailbox("alice")).singleElement()
          .asString()
          .contains("Action: expanded", "team@example.org")
          .doesNotContain("bob@example.org");
    }
  }

  @Test
  void returnsSignedEightBitMailToAServerWithout8bitmime() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING"); var mta = start(server, "")) {
      send(mta, "<alice@example.org> BODY=8BITMIME", "<carol@far.example>",
          """
          Subject: hello\r
          MIME-Version: 1.0\r
          Content-Type: multipart/signed; boundary=b; micalg=pgp-sha256; protocol="application/pgp-signature"\r
          \r
          --b\r
          Content-Type: text/plain; charset=utf-8\r
          Content-Transfer-Encoding: 8bit\r
          \r
          Viele Grüße\r
          --b\r
          Content-Type: application/pgp-signature\r
          \r
          x\r
          --b--\r
          """);

      assertThat(mta.awaitMailbox("alice", 1)).singleElement().asString().contains("Action: failed", "Status: 5.6.3");
      mta.awaitEmpty();
      assertThat(server.mails()).isEmpty();
    }
  }

  @Test
  void forwardsAReportToTheAddressThatAnAliasStandsFor() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING");
        var mta = start(server, "info: carol@far.example, dave@near.example\n")) {
      server.answer("RCPT .*<gone@.*", "550 5.1.1 no such user");
      mta.accept("info@example.org", "gone@far.example", MAIL);

      assertThat(server.awaitMails(1)).singleElement().satisfies(mail -> {
        assertThat(mail.from()).startsWith("<>");
        assertThat(mail.recipients()).containsExactlyInAnyOrder("<carol@far.example>", "<dave@near.example>");
        assertThat(mail.content()).contains("Action: failed", "Auto-Submitted: auto-replied");
      });
      mta.awaitEmpty();
    }
  }

  @Test
  void returnsMailToWhoeverReadsTheMailOfAnAlias() throws Exception {
    try (var server = AcceptingServer.start("PIPELINING"); var mta = start(server, "info: bob\n")) {
      server.answer("RCPT .*", "550 5.1.1 no such user");
      mta.accept("info@example.org", "gone@far.example", MAIL);

      assertThat(mta.awaitMailbox("bob", 1)).singleElement()
          .asString()
          .contains("Action: failed", "Status: 5.1.1", "no such user", "Delivered-To: bob@example.org");
      mta.awaitEmpty();
    }
  }
}
