package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.inbound.BurlSettings.Place;
import org.posthorn.daemon.inbound.BurlSettings.Server;
import org.posthorn.daemon.inbound.BurlSettings.Tls;
import org.posthorn.daemon.inbound.CheckpointSettings.Bound;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.ClientTls;
import org.posthorn.testkit.ScriptedServer;

class BurlTest {
  private static final String URL = "imap://alice@imap.example.org/outbox;uidvalidity=1/;uid=25;urlauth=submit+alice"
      + ":internal:91354a473744909de610943775f92038";
  private static final String LOGIN = """
                                      S: * OK ready
                                      C: a2 AUTHENTICATE PLAIN
                                      S: +
                                      C: AHN1Ym1pdABzZWNyZXQ=
                                      S: a2 OK logged in
                                      C*: a3 URLFETCH ".*"
                                      """;
  private static final String BEGINNING = """
                                          MAIL FROM:<alice@example.org>
                                          RCPT TO:<x@elsewhere.example>
                                          """;

  private static final Bound ROOM = new Bound(10, 1_000_000);
  private static final CheckpointSettings CHECKPOINTS = new CheckpointSettings(true, Duration.ofDays(1), ROOM, ROOM);

  private final Inbound inbound = new Inbound();

  private SpokenSession session(Server... servers) {
    return session(Terms.of(Kind.SUBMISSIONS), servers);
  }

  private SpokenSession session(Terms terms, Server... servers) {
    var accounts = new Accounts(List.of(
        new Account("alice", List.of(Secret.parse("{PLAIN}x")), List.of(), List.of(), List.of(), SendingLimits.NONE,
            true)));
    var auth = new AuthSettings(List.of(Mechanism.PLAIN), () -> accounts, Optional.empty(), Optional.empty(),
        Optional.empty(), true, GuardSettings.DEFAULT, AuthSettings.NONE.hashing());
    var all = Inbound.settings();
    var session = new SpokenSession(inbound,
        all.with(auth).with(all.extensions().with(new BurlSettings(List.of(servers))).with(CHECKPOINTS)),
        SpokenSession.STRANGER, terms);
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    var plain = Base64.getEncoder().encodeToString("\0alice\0x".getBytes(StandardCharsets.UTF_8));
    assertThat(session.lines("EHLO client.example\nAUTH PLAIN " + plain + "\n")).contains("235 ");
    return session;
  }

  private static Server at(ScriptedServer imap) {
    return new Server("imap.example.org:143", new Place("localhost", imap.address().getPort()), Tls.NONE, "submit",
        "secret", new ClientTls(Authorities.OF_SYSTEM));
  }

  private String content() throws IOException {
    try (var in = inbound.spool.content(inbound.accepted.getLast().id()).open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void fetchesAMessage() throws Exception {
    try (var imap = ScriptedServer.start(LOGIN + """
                                                 S: * URLFETCH "%s" {34}
                                                 RAW: From: alice@example.org\\r\\n\\r\\nHello\\r\\n\\r\\n
                                                 S: a3 OK done
                                                 C: a4 LOGOUT
                                                 """.formatted(URL))) {
      assertThat(session(at(imap)).lines(BEGINNING + "BURL " + URL + " LAST\nNOOP\n"))
          .contains("\n250 2.0.0 Queued as ")
          .endsWith("250 2.0.0 Ok\n");
      assertThat(content()).endsWith("\r\nFrom: alice@example.org\r\n\r\nHello\r\n");
      imap.assertFinished();
    }
  }

  @Test
  void putsTogetherWhatIsSentAndWhatIsFetched() throws Exception {
    try (var imap = ScriptedServer
        .start(LOGIN + "S: * URLFETCH \"x\" \"mid\\\\\"dle\"\nS: a3 OK done\nC: a4 LOGOUT\n")) {
      assertThat(session(at(imap)).send((BEGINNING + "BDAT 28\n").replace("\n", "\r\n")
          + "From: alice@example.org\r\n\r\nB" + "BURL " + URL + "\r\nBDAT 3 LAST\r\nE\r\n"))
          .contains("250 2.5.0 Waiting for additional BURL or BDAT commands\n")
          .contains("250 2.0.0 Queued as ");
      assertThat(content()).endsWith("\r\n\r\nBmid\"dleE\r\n");
    }
  }

  @Test
  void takesALongQuotedMessage() throws Exception {
    var text = "From: alice@example.org " + "x".repeat(15_000);
    try (var imap = ScriptedServer
        .start(LOGIN + "S: * URLFETCH \"x\" \"" + text + "\"\nS: a3 OK done\nC: a4 LOGOUT\n")) {
      assertThat(session(at(imap)).send((BEGINNING + "BURL " + URL + "\nBDAT 2 LAST\n").replace("\n", "\r\n") + "\r\n"))
          .contains("250 2.5.0 Waiting for additional BURL or BDAT commands\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"S: * URLFETCH \"x\" NIL\nS: a3 OK done", "S: * urlfetch \"x\" nil\nS: a3 ok done",
      "S: * URLFETCH\nS: a3 BAD what", "S: a3 OK nothing", "S: * URLFETCHED \"x\" \"y\"\nS: a3 OK done",
      "S: * URLFETCH \"x\" \"unclosed\nS: a3 OK done", "S: * URLFETCH {1}\nRAW: x NIL\\r\\n\nS: a3 OK done"})
  void refusesWhatIsNotThere(String answer) throws Exception {
    try (var imap = ScriptedServer.start(LOGIN + answer + "\nLEAVE:\n")) {
      assertThat(session(at(imap)).lines(BEGINNING + "BURL " + URL + " LAST\n"))
          .endsWith("554 5.6.6 IMAP URL resolution failed\n");
    }
  }

  @Test
  void refusesWhatIsTooBigBeforeItComes() throws Exception {
    try (var imap = ScriptedServer.start(LOGIN + "S: * URLFETCH \"x\" {99999999999}\nLEAVE:\n")) {
      assertThat(session(at(imap)).lines(BEGINNING + "BURL " + URL + " LAST\n"))
          .endsWith("552 5.3.4 Message too big\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"S: * BYE not today\n", "S: * OK ready\nC*: .*\nS: a2 NO what is that\nLEAVE:\n",
      "S: * OK ready\nC*: .*\nS: +\nC*: .*\nS: a2 NO wrong\nLEAVE:\n", "CLOSE:\n",
      "S: * OK ready\nC*: .*\nS: +\nC*: .*\nS: a2 OK in\nC*: .*\nS: * URLFETCH {70000}\nLEAVE:\n"})
  void asksToComeAgainWhenTheServerHasTrouble(String script) throws Exception {
    try (var imap = ScriptedServer.start(script)) {
      assertThat(session(at(imap)).lines(BEGINNING + "BURL " + URL + " LAST\n"))
          .endsWith("451 4.4.1 IMAP server unavailable\n");
    }
  }

  @Test
  void asksToComeAgainWhenTheServerCannotTellNow() throws Exception {
    try (var imap = ScriptedServer.start(LOGIN + "S: a3 NO out of order\nLEAVE:\n")) {
      assertThat(session(at(imap)).lines(BEGINNING + "BURL " + URL + " LAST\n")).contains("\n451 4.6.6 ");
    }
  }

  /** Each octet of the message could be the last that comes; nothing of it may be taken for the whole. */
  @ParameterizedTest(name = "{0} and then {1}")
  @CsvSource(delimiter = '|', value = {"BURL LAST | cut", "BURL LAST | nil", "BURL LAST | big", "BURL LAST | no",
      "BDAT, BURL, BDAT LAST | cut", "BDAT, BURL, BDAT LAST | nil", "BURL, BURL, BDAT LAST | whole, cut",
      "BURL, BURL LAST | whole, nil", "BURL, BURL, BURL LAST | whole, cut, whole", "BURL, BURL LAST | cut, whole",
      "BURL, BDAT, BURL LAST | whole, big", "BURL, BURL LAST | long, cut", "BDAT, BURL, RSET | long"})
  void takesAllOrNothing(String commands, String answers) throws Exception {
    try (var imap = ScriptedServer
        .start(Stream.of(answers.split(", ", -1)).map(BurlTest::answer).toArray(String[]::new))) {
      var session = session(at(imap));
      var said = new StringBuilder(BEGINNING.replace("\n", "\r\n"));
      for (var command : List.of(commands.split(", ", -1))) {
        said.append(switch (command.substring(0, 4)) {
          case "BURL" -> command.replace("BURL", "BURL " + URL) + "\r\n";
          case "BDAT" -> command.replace("BDAT", "BDAT 12") + "\r\nSubject: x\r\n";
          default -> command + "\r\n";
        });
      }
      assertThat(session.send(said.toString())).doesNotContain("Queued");
      assertThat(inbound.accepted).isEmpty();
      assertThat(inbound.spool.openDrafts()).isZero();
      assertThat(inbound.intake.heldBytes()).hasValue(0);
      assertThat(session.lines(BEGINNING + "DATA\nFrom: alice@example.org\n\nwhole\n.\n")).contains("Queued");
      assertThat(content()).contains("whole").doesNotContain("Subject", "part");
    }
  }

  @Test
  void goesOnBehindWhatWasFetched() throws Exception {
    var fetched = "S: * URLFETCH \"x\" \"From: alice@example.org\"\nS: a3 OK done\nC: a4 LOGOUT\n";
    var mail = BEGINNING.lines().findFirst().orElseThrow() + " TRANSID=<1@client.example>\n";
    try (
        var imap = ScriptedServer.start(LOGIN + fetched, LOGIN + fetched.replace("From: alice@example.org", "hello"))) {
      var first = session(at(imap));
      first.send((mail + "RCPT TO:<x@elsewhere.example>\nBURL " + URL + "\nBDAT 9\nx").replace("\n", "\r\n"));
      first.session().close();
      var second = session(at(imap));
      assertThat(second.lines(mail + "DATA\n"))
          .isEqualTo("""
                     355 23 is the transaction offset
                     503 5.5.1 The offset is no begin of a line: go on with BDAT or BURL
                     """);
      assertThat(second.send("BDAT 4\r\n\r\n\r\nBURL " + URL + " LAST\r\n")).contains("Queued as");
      assertThat(content()).endsWith("\r\nFrom: alice@example.org\r\n\r\nhello\r\n");
      imap.assertFinished();
    }
  }

  private static String answer(String kind) {
    return LOGIN + switch (kind) {
      case "whole" -> "S: * URLFETCH \"x\" {8}\nRAW: part\\r\\n\\r\\n\\r\\n\nS: a3 OK done\nC: a4 LOGOUT\n";
      case "long" -> "S: * URLFETCH \"x\" {900900}\nRAW: " + "x…(900 octets)\\r\\n".repeat(998)
          + "x…(702 octets)\\r\\n\\r\\n\nS: a3 OK done\nC: a4 LOGOUT\n";
      case "cut" -> "S: * URLFETCH \"x\" {100}\nRAW: part\\r\\n\nCLOSE:\n";
      case "nil" -> "S: * URLFETCH \"x\" NIL\nS: a3 OK done\nC: a4 LOGOUT\n";
      case "big" -> "S: * URLFETCH \"x\" {999999999999}\nLEAVE:\n";
      default -> "S: a3 NO\nLEAVE:\n";
    };
  }

  @Test
  void takesAUrlThatTheServerSaysOtherwise() throws Exception {
    try (var imap = ScriptedServer.start(LOGIN + """
                                                 S: * URLFETCH {3}
                                                 RAW: x{9 ~{30}\\r\\nFrom: alice@example.org\\r\\n\\r\\n!\\r\\n\\r\\n
                                                 S: a3 OK done
                                                 C: a4 LOGOUT
                                                 """)) {
      assertThat(session(at(imap)).lines(BEGINNING + "BURL " + URL + "\nBDAT 0 LAST\n")).contains("Queued");
      assertThat(content()).endsWith("\r\n\r\n!\r\n");
    }
  }

  @Test
  void refusesASecondAnswer() throws Exception {
    var once = "S: * URLFETCH \"x\" \"From: alice@example.org\"\n";
    try (var imap = ScriptedServer.start(LOGIN + once + once + "LEAVE:\n")) {
      assertThat(session(at(imap)).lines(BEGINNING + "BURL " + URL + " LAST\n")).contains("\n451 4.4.1 ");
    }
  }

  @Test
  void endsATransactionWithoutRecipients() throws Exception {
    try (var imap = ScriptedServer.start()) {
      assertThat(session(at(imap)).lines("MAIL FROM:<alice@example.org>\nBURL " + URL + "\nBURL " + URL + " LAST\n"
          + BEGINNING)).containsSubsequence("554 5.5.1", "554 5.5.1", "250 2.1.0", "250 2.1.5");
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', value = {"submit+alice | submit+bob | 554 5.7.0",
      "imap.example.org | other.example | 554 5.7.8",
      "submit+alice | anonymous | 554 5.5.4", "imap:// | http:// | 554 5.5.4", "outbox | out\"box | 554 5.5.4",
      "outbox | out\\box | 554 5.5.4", "alice@ | al\"ice@ | 554 5.5.4", "alice@ | al\\ice@ | 554 5.5.4",
      "outbox | outbox;URLAUTH=submit+bob:internal:91354a473744909de610943775f92038 | 554 5.5.4"})
  void refusesWhatIsNotToBeFetched(String part, String other, String reply) throws Exception {
    try (var imap = ScriptedServer.start()) {
      assertThat(session(at(imap)).lines(BEGINNING + "BURL " + URL.replace(part, other) + " LAST\n"))
          .contains("\n" + reply + " ");
    }
  }

  @Test
  void keepsTheOrderOfCommands() throws Exception {
    try (var imap = ScriptedServer.start()) {
      var session = session(at(imap));
      assertThat(session.lines("BURL " + URL + " LAST\n")).startsWith("503 5.5.1");
      assertThat(session.lines("MAIL FROM:<alice@example.org>\nBURL " + URL + " LAST\n")).contains("\n554 5.5.1");
      assertThat(session.lines("BURL\nBURL a b\nBURL " + URL + " LASTING\n"))
          .isEqualTo("""
                     501 5.5.4 Syntax: BURL url [LAST]
                     501 5.5.4 Syntax: BURL url [LAST]
                     501 5.5.4 Syntax: BURL url [LAST]
                     """);
    }
  }

  @Test
  void isForSubmissionAlone() throws Exception {
    try (var imap = ScriptedServer.start()) {
      assertThat(session(at(imap)).lines("EHLO x\n")).contains("BURL imap\n");
      assertThat(session(Terms.of(Kind.MX), at(imap)).lines("EHLO x\n")).doesNotContain("BURL");
      assertThat(session(Terms.of(Kind.MX), at(imap)).lines(BEGINNING + "BURL " + URL + " LAST\n"))
          .endsWith("502 5.5.1 BURL is not available\n");
      assertThat(session(Terms.of(Kind.MX), at(imap)).lines(BEGINNING + "BURL " + URL + " LAST\nDATA\n"))
          .as("the transaction goes on")
          .contains("\n354 ");
      assertThat(session().lines("EHLO x\n")).doesNotContain("BURL");
    }
  }
}
