package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.SessionPorts;
import org.posthorn.daemon.inbound.SmtpSession;
import org.posthorn.daemon.tls.TestCertificates;

/** However the octets of a dialogue are cut on their way, chunks and lines are the same, and so is what comes of them. */
class SplitDialogueTest {
  private static final int MAX_OCTETS = 4000;
  private static final String TRANSACTION = "MAIL FROM:<s@client.example>\r\nRCPT TO:<alice@example.org>\r\n";
  private static final List<String> SENTENCES = List.of("EHLO client.example\r\n", TRANSACTION, "RSET\r\n", "NOOP\r\n",
      "DATA\r\na: b\r\n\r\n..\r\n.\r\n", "DATA\r\n.\r\n", "DATA\r\n\r\n.\n.\r\n.\r\n", "BDAT 3\r\na: ",
      "BDAT 5\r\nRSET\r",
      "BDAT 0\r\n", "BDAT 7 LAST\r\n\n\r\n.\r\n\r", "BDAT 0 LAST\r\n", "BDAT x\r\n", "BDAT 9223372036854775807\r\n",
      "BDAT 12\r\nBDAT 5 LAST\r\n", "x".repeat(3000) + "\r\n", "\n", "\r", "QUIT\r\n");

  private record Outcome(String replies, List<String> stored) {}

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void saysTheSameHoweverSentencesAreCut(long seed) {
    var random = new Random(seed);
    var said = new StringBuilder("EHLO client.example\r\n").append(TRANSACTION);
    for (int i = 0; i < 12; i++) {
      said.append(SENTENCES.get(random.nextInt(SENTENCES.size())));
    }
    assertSame(said.toString(), 1 + random.nextInt(40));
  }

  /** The first octet says how long the pieces are. */
  @FuzzTest
  void saysTheSameHoweverOctetsAreCut(byte[] input) {
    if (input.length > 1 && input.length < MAX_OCTETS) {
      assertSame("EHLO client.example\r\n" + TRANSACTION + new String(input, 1, input.length - 1,
          StandardCharsets.ISO_8859_1), 1 + (input[0] & 0x3f));
    }
  }

  private static void assertSame(String said, int pieceLength) {
    if (!said.toUpperCase(Locale.ROOT).contains("STARTTLS")) { // there it matters what comes at once
      assertThat(outcome(said, pieceLength)).isEqualTo(outcome(said, said.length()));
    }
  }

  private static Outcome outcome(String said, int pieceLength) {
    var inbound = new Inbound();
    var rules = InboundRules.of(Inbound.settings());
    var client = new Client(InetAddress.ofLiteral("198.51.100.7"), false);
    var session = new SmtpSession(client, Terms.of(Kind.MX), rules, new SessionPorts(inbound.intake,
        inbound.authentication, inbound.quotas, inbound.counters));
    var channel = new TalkedChannel();
    try (var handshakes = new TlsHandshakes(
        TestCertificates.server(TestCertificates.settings(TestCertificates.files("rsa"))), inbound.counters)) {
      channel.pipeline()
          .addLast(new SmtpConnection(new Guest(new ConnectionGate(), ConnectionLimits.DEFAULT, _ -> session, client),
              rules.settings(), Runnable::run, handshakes,
              channel.eventLoop().ticker()));
      channel.pipeline().fireChannelActive();
      for (int at = 0; at < said.length(); at += pieceLength) {
        channel.send(said.substring(at, Math.min(said.length(), at + pieceLength)));
      }
      var replies = channel.replies();
      channel.finishAndReleaseAll();
      assertThat(inbound.spool.openDrafts()).isZero();
      return new Outcome(replies, inbound.spool.messages().stream().map(stored -> stored.text()).toList());
    }
  }
}
