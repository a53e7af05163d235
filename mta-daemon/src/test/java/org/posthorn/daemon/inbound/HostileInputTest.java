package org.posthorn.daemon.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.smtp.Domain;

/** What an attacker says: none of it comes out as a line of its own, and none of it costs much. */
class HostileInputTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String GREET = "EHLO client.example\r\n";
  private static final String TRANSACTION = GREET
      + "MAIL FROM:<s@client.example>\r\nRCPT TO:<alice@example.org>\r\n";
  /** Where a client can put a text of its own into a reply, a header field, the envelope or the log. */
  private static final List<String> PLACES = List.of("HELO %s", "EHLO %s", "%s", "NOOP %s", "HELP %s", "VRFY %s",
      "EXPN %s", "AUTH %s", "AUTH PLAIN %s", "AUTH CRAM-MD5 %s", "MAIL FROM:<%s@client.example>",
      "MAIL FROM:<\"%s\"@client.example>", "MAIL FROM:<x@%s>", "MAIL FROM:<x@client.example> %s",
      "MAIL FROM:<x@client.example> ENVID=%s", "MAIL FROM:<x@client.example> AUTH=%s",
      "MAIL FROM:<x@client.example> BODY=%s", "MAIL FROM:<x@client.example> SIZE=%s", "RCPT TO:<%s@example.org>",
      "RCPT TO:<\"%s\"@example.org>", "RCPT TO:<alice@%s>", "RCPT TO:<alice@example.org> %s",
      "RCPT TO:<alice@example.org> ORCPT=rfc822;%s", "RCPT TO:<alice@example.org> ORCPT=%s;a@b",
      "RCPT TO:<alice@example.org> NOTIFY=%s", "BDAT %s", "STARTTLS %s");
  private static final List<String> LINE_ENDS = List.of("\r\n", "\n", "\r", "+0D+0A", "%0d%0a", "\\r\\n", "\u0085",
      "\u00e2\u0080\u00a8", "\u00c0\u008a", "\0", "\u001b[2J", "\u000b", "\u000c");
  private static final String MARK = "X-Injected: yes";

  private final Inbound inbound = new Inbound();

  static List<String> injections() {
    var all = new ArrayList<String>();
    for (var place : PLACES) {
      for (var lineEnd : LINE_ENDS) {
        all.add(place.formatted("a" + lineEnd + MARK) + "\r\n");
        all.add(place.formatted("a" + lineEnd + MARK.replace(" ", "+20")) + "\r\n");
      }
    }
    return all;
  }

  @Test
  void nothingAClientSaysBecomesALineOfItsOwn() {
    for (var injection : injections()) {
      for (var client : List.of(SpokenSession.STRANGER, SpokenSession.TRUSTED)) {
        var session = new SpokenSession(inbound, settings(), client);
        var replies = session.send(GREET) + session.send(injection) + session.send("*\r\n") + session.send(
            "MAIL FROM:<s@client.example>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n");
        assertThat(replies.lines()).as(injection).allMatch(line -> line.matches("[2-5]\\d\\d[- ][ -~]*"));
      }
    }
    assertThat(inbound.spool.messages()).isNotEmpty()
        .allSatisfy(stored -> {
          assertThat(stored.text().split("\r\n\r\n", 2)[0].lines()).allMatch(
              line -> line.startsWith("\t") || line.matches("(Received: from|Date:|Message-ID:|Subject:) [ -~]*"));
          assertThat(stored.message().envelope().toString()).matches("[^\\p{Cntrl}\u2028]*");
        });
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"a\r\nX: y", "a\nX", "a\0b"})
  void noNameFromTheDnsHasALineEnd(String name) {
    assertThat(Domain.parse(name)).isEmpty();
    var client = new Client(InetAddress.ofLiteral("198.51.100.7"), false);
    assertThat(client.tcpInfo()).isEqualTo("[198.51.100.7]");
  }

  @Test
  void aLoginWithALineEndIsNone() {
    for (var lineEnd : LINE_ENDS) {
      var session = new SpokenSession(inbound, settings(), SpokenSession.STRANGER, Terms.of(Kind.SUBMISSION));
      session.send(GREET + "STARTTLS\r\n");
      session.session().encrypted(new Encryption(new FixedTlsSession()));
      String plain = "\0alice@example.org" + lineEnd + MARK + "\0wonderland";
      var replies = session.send(GREET) + session.send("AUTH PLAIN " + base64(plain) + "\r\n");
      assertThat(replies.lines()).allMatch(line -> line.matches("[2-5]\\d\\d[- ][ -~]*"));
      assertThat(replies).doesNotContain("235 ");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"MAIL FROM:<a@b> SIZE=9223372036854775808, 552 5.3.4", "MAIL FROM:<a@b> SIZE=99999999999999999999, 552",
      "MAIL FROM:<a@b> SIZE=999999999999999999999, 501", "MAIL FROM:<a@b> SIZE=-1, 501",
      "MAIL FROM:<a@b> SIZE=0x10, 501", "BDAT 9223372036854775808, 501", "BDAT -1, 501",
      "BDAT 99999999999999999999999999999, 501", "BDAT 1e3, 501", "MAIL FROM:<a\u0000@b>, 500", "NO\u0000OP, 500",
      "MAIL FROM:<\u00e9@b>, 500", "\u00e9\u00e8, 500", "RCPT TO:<\u00ff@example.org>, 500"})
  void refusesNumbersBeyondBoundsAndOctetsThatNoCommandHas(String command, String reply) {
    var session = stranger();
    session.send(GREET);
    assertThat(session.send(command + "\r\n")).startsWith(reply);
  }

  static List<String> deepThings() {
    int length = 65_000;
    return List.of("\"" + "\\\"".repeat(length / 2) + "\"@b", "(".repeat(length) + "a@b",
        "a@" + "b.".repeat(length / 2) + "c",
        "a" + "(x".repeat(length / 2) + ")".repeat(length / 2) + "@b", "@a,".repeat(length / 3) + "@a:b",
        "a.".repeat(length / 2) + "a@b", "<".repeat(length), "a@[" + "[".repeat(length) + "]",
        "a@[IPv6:" + ":".repeat(length) + "]",
        "\\".repeat(length), "xn--".repeat(length / 4) + "@b", "a@xn--" + "9".repeat(length),
        "a@" + "xn--a.".repeat(length / 6), "a@" + "\u00c3\u00a9".repeat(length / 4));
  }

  @ParameterizedTest
  @MethodSource("deepThings")
  void refusesDeepAndLongAddressesAtOnce(String address) {
    var wide = Inbound.settings(ConnectionLimits.DEFAULT, new SessionSettings(65_536, 10_000, 1000, true, true, false),
        MessageLimits.DEFAULT);
    var session = new SpokenSession(inbound, wide, SpokenSession.TRUSTED);
    session.send(GREET + "MAIL FROM:<s@client.example>\r\n");
    assertTimeoutPreemptively(SOON, () -> {
      for (int i = 0; i < 20; i++) {
        assertThat(session.send("RCPT TO:<" + address + ">\r\n")).startsWith("5");
        assertThat(session.send("RCPT TO:" + address + "\r\n")).startsWith("5");
        assertThat(session.send("VRFY " + address + "\r\n")).startsWith("5");
        assertThat(session.send("EXPN " + address + "\r\n")).startsWith("5");
        assertThat(session.send("RCPT TO:<alice@example.org> ORCPT=rfc822;" + address + "\r\n")).startsWith("5");
      }
    });
  }

  @Test
  void refusesALineOfTenMegabytesWithoutKeepingIt() {
    var session = stranger();
    session.send(GREET);
    assertTimeoutPreemptively(SOON, () -> {
      assertThat(session.send("x".repeat(10_000_000) + "\r\n")).startsWith("500 5.5.2 ");
      assertThat(session.send("AUTH PLAIN " + "x".repeat(10_000_000) + "\r\n")).startsWith("500 5.5.2 ");
      session.send("MAIL FROM:<s@client.example>\r\nRCPT TO:<alice@example.org>\r\n");
      assertThat(session.send("DATA\r\nSubject: " + "x".repeat(10_000_000) + "\r\n.\r\n")).contains("\n5");
    });
    assertThat(inbound.spool.messages()).isEmpty();
    assertThat(inbound.intake.heldBytes()).hasValue(0);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"a: b, 354", "Received:, 552 5.3.4", "From: <a@b>, 354", "' folded', 354", ": x, 354"})
  void readsAHundredThousandHeaderLinesInBoundedTime(String line, String reply) {
    var session = new SpokenSession(inbound, settings(), SpokenSession.TRUSTED);
    assertTimeoutPreemptively(SOON, () -> assertThat(
        session.send(TRANSACTION + "DATA\r\n" + (line + "\r\n").repeat(100_000) + "\r\nx\r\n.\r\n")).contains(reply));
    assertThat(session.send("NOOP\r\n")).startsWith("250");
    assertThat(inbound.intake.heldBytes()).hasValue(0);
  }

  @Test
  void refusesAHeaderBeyondItsSize() {
    assertThat(stranger().send(TRANSACTION + "DATA\r\n" + "X-Long: y\r\n".repeat(100_000) + "\r\n.\r\n"))
        .contains("\n552 5.");
  }

  @Test
  void takesManyTinyChunksAndThenNoMore() {
    var session = stranger();
    session.send(TRANSACTION);
    assertTimeoutPreemptively(SOON, () -> {
      assertThat(session.send("BDAT 1\r\nx".repeat(50_000))).doesNotContain("55");
      assertThat(session.send("BDAT 1\r\nx")).startsWith("5");
      assertThat(session.send("BDAT 0 LAST\r\n")).startsWith("5");
    });
    assertThat(inbound.spool.messages()).isEmpty();
    assertThat(inbound.intake.heldBytes()).hasValue(0);
  }

  private SpokenSession stranger() {
    return new SpokenSession(inbound, settings(), SpokenSession.STRANGER);
  }

  private static InboundSettings settings() {
    var usual = Inbound.settings(ConnectionLimits.DEFAULT, new SessionSettings(2048, 20, 100, true, true, false),
        MessageLimits.DEFAULT);
    var accounts = new Accounts(List.of(new Account("alice@example.org", List.of(Secret.parse("{PLAIN}wonderland")),
        List.of(), List.of(), List.of(), SendingLimits.NONE, true)));
    var auth = new AuthSettings(List.of(Mechanism.PLAIN, Mechanism.CRAM_MD5), () -> accounts, Optional.empty(),
        Optional.empty(), Optional.empty(), true, AuthSettings.NONE.guard(), AuthSettings.NONE.hashing());
    return usual.with(auth);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
