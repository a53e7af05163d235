package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
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
import org.posthorn.daemon.auth.token.TokenSettings;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.smtp.Mailbox;

/** AUTH as a client sees it (RFC 4954). */
class AuthSessionTest {
  private static final String GREET = "EHLO client.example\n";
  private static final String ALICE = base64("\0alice@example.org\0wonderland");
  private static final String OK = "235 2.7.0 Authentication successful\n";

  private final Inbound inbound = new Inbound();

  @Test
  void announcesOtherMechanismsUnderTls() {
    var session = on(Kind.MX, true);
    assertThat(session.lines(GREET)).contains("250-AUTH DIGEST-MD5 CRAM-MD5\n");
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    assertThat(session.lines(GREET)).contains("250-AUTH OAUTHBEARER PLAIN LOGIN DIGEST-MD5 CRAM-MD5\n");
  }

  @Test
  void announcesNothingWhereTlsComesFirstOrAuthIsOff() {
    assertThat(on(Kind.SUBMISSION, false).lines(GREET)).doesNotContain("AUTH");
    var mx = on(Kind.MX, false);
    assertThat(mx.lines(GREET)).doesNotContain("AUTH");
    assertThat(mx.lines("AUTH CRAM-MD5\n")).startsWith("502 5.5.1 ");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {"AUTH PLAIN | 538 5.7.11", "AUTH login | 538 5.7.11",
      "AUTH CRAM-MD5 | 530 5.7.0",
      "AUTH GSSAPI | 504 5.5.4"})
  void wantsTlsFirst(String command, String reply) {
    var session = on(Kind.SUBMISSION, false);
    session.lines(GREET);
    assertThat(session.lines(command + "\n")).startsWith(reply);
  }

  @Test
  void takesAnInitialResponse() {
    var session = submission();
    assertThat(session.lines("AUTH PLAIN " + ALICE + "\n")).isEqualTo(OK);
    assertThat(session.lines(GREET)).doesNotContain("AUTH");
  }

  @Test
  void asksForAResponse() {
    var session = submission();
    assertThat(session.lines("auth plain\n")).isEqualTo("334 \n");
    assertThat(session.lines(ALICE + "\n")).isEqualTo(OK);
  }

  @Test
  void asksTwiceForLogin() {
    var session = submission();
    assertThat(session.lines("AUTH LOGIN\n")).isEqualTo("334 VXNlcm5hbWU6\n");
    assertThat(session.lines(base64("alice@example.org") + "\n")).isEqualTo("334 UGFzc3dvcmQ6\n");
    assertThat(session.lines(base64("wonderland") + "\n")).isEqualTo(OK);
  }

  @Test
  void takesAPipelinedExchange() {
    assertThat(submission().lines("AUTH PLAIN\n" + ALICE + "\nNOOP\n")).isEqualTo("334 \n" + OK + "250 2.0.0 Ok\n");
  }

  @ParameterizedTest(name = "{0} gets {1}")
  @CsvSource(delimiter = '|', value = {"AUTH | 501 5.5.4", "AUTH PLAIN a b | 501 5.5.4", "AUTH ?? | 501 5.5.4",
      "AUTH PLAIN ab@% | 501 5.5.2", "AUTH PLAIN =AAA | 501 5.5.2", "AUTH PLAIN AAA=BBB= | 501 5.5.2",
      "AUTH PLAIN AAA | 501 5.5.2", "AUTH PLAIN = | 501 5.5.2", "AUTH PLAIN;* | 501 5.7.0",
      "AUTH PLAIN;x y | 501 5.5.2",
      "AUTH PLAIN; | 501 5.5.2", "AUTH LOGIN;*| 501 5.7.0", "AUTH CRAM-MD5 AAAA | 501 5.7.0",
      "AUTH SCRAM-SHA-1 | 504 5.5.4", "AUTH XOAUTH2 | 504 5.5.4"})
  void refusesWhatIsMalformed(String lines, String reply) {
    var session = submission();
    var replies = session.lines(lines.replace(";", "\n") + "\n").lines().toList();
    assertThat(replies.getLast()).startsWith(reply);
    assertThat(session.lines("MAIL FROM:<alice@example.org>\n")).startsWith("530 5.7.0 Authentication required");
    assertThat(session.lines("AUTH PLAIN " + ALICE + "\n")).isEqualTo(OK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0alice@example.org\0wrong", "\0nobody@example.org\0wonderland", "\0\0",
      "boss\0alice@example.org\0wonderland"})
  void answersAllWhoAreNotRightTheSame(String message) {
    var session = submission();
    assertThat(session.lines("AUTH PLAIN " + base64(message) + "\n"))
        .isEqualTo("535 5.7.8 Authentication credentials invalid\n");
    assertThat(inbound.counters.failedLogins()).isOne();
    assertThat(session.lines("MAIL FROM:<alice@example.org>\n")).startsWith("530 5.7.0");
  }

  @Test
  void letsOneActAsAnotherWhenAllowed() {
    assertThat(submission().lines("AUTH PLAIN " + base64("alice@example.org\0boss\0secret") + "\n")).isEqualTo(OK);
  }

  @Test
  void authenticatesOnceASessionAndNotInATransaction() {
    var session = submission();
    session.lines("AUTH PLAIN " + ALICE + "\n");
    assertThat(session.lines("AUTH PLAIN " + ALICE + "\n")).startsWith("503 5.5.1 ");
    assertThat(session.lines("RSET\n" + GREET + "AUTH PLAIN " + ALICE + "\n")).contains("503 5.5.1 ");
    session.lines("MAIL FROM:<alice@example.org>\n");
    assertThat(session.lines("AUTH PLAIN " + ALICE + "\n")).startsWith("503 5.5.1 A transaction");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HELO client.example\n"})
  void wantsEhloFirst(String before) {
    var session = on(Kind.SUBMISSIONS, false);
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    session.lines(before);
    assertThat(session.lines("AUTH PLAIN " + ALICE + "\n")).startsWith("503 5.5.1 ");
  }

  @Test
  void holdsBackRepliesToFailuresAndThenRefusesToLook() {
    var session = submission();
    String wrong = "AUTH PLAIN " + base64("\0alice@example.org\0wrong") + "\n";
    session.lines(wrong);
    assertThat(session.held()).isEqualTo(Duration.ofSeconds(1));
    session.lines(wrong.repeat(9));
    assertThat(session.lines("AUTH PLAIN " + ALICE + "\n")).startsWith("454 4.7.0 Too many failed logins");
    assertThat(submission().lines("AUTH PLAIN " + ALICE + "\n")).startsWith("454 4.7.0 ");
    inbound.clock.set(Inbound.NOW.plus(Duration.ofMinutes(15)));
    assertThat(submission().lines("AUTH PLAIN " + ALICE + "\n")).isEqualTo(OK);
  }

  @Test
  void endsTheSessionAfterTooManyFailures() {
    var session = submission();
    session.lines(("AUTH PLAIN " + base64("\0alice@example.org\0wrong") + "\n").repeat(10));
    session.lines("BAD\n".repeat(11));
    assertThat(session.isClosed()).isTrue();
  }

  @ParameterizedTest(name = "{0} gets {1}")
  @CsvSource({"AQ==, 535 5.7.8", "*, 501 5.7.0"})
  void countsATokenThatIsRefusedWhateverTheClientSaysToThat(String answer, String reply) {
    var session = on(Kind.SUBMISSIONS, false);
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    session.lines(GREET);
    assertThat(session.lines("AUTH OAUTHBEARER "
        + base64("n,a=alice@example.org,\u0001auth=Bearer x.y.z\u0001\u0001") + "\n")).startsWith("334 ");
    assertThat(inbound.counters.failedLogins()).isOne();
    assertThat(session.lines(answer + "\n")).startsWith(reply);
    assertThat(inbound.counters.failedLogins()).isOne();
    assertThat(session.lines("AUTH PLAIN " + ALICE + "\n")).isEqualTo(OK);
  }

  @Test
  void endsTheSessionOfWhoIsBannedAndGoesOn() {
    var session = submission();
    session.lines(("AUTH PLAIN " + base64("\0alice@example.org\0wrong") + "\n").repeat(10));
    assertThat(session.lines(("AUTH PLAIN " + ALICE + "\n").repeat(200)))
        .endsWith("421 4.7.0 Too many errors; goodbye\n");
    assertThat(session.isClosed()).isTrue();
  }

  @Test
  void showsTheIdentityInProtocolAndLetsItSendAnywhere() {
    var session = submission();
    session.lines("AUTH PLAIN " + ALICE + "\n");
    assertThat(session.lines("""
                             MAIL FROM:<alice@example.org> AUTH=<>
                             RCPT TO:<x@elsewhere.example>
                             DATA
                             From: alice@example.org

                             x
                             .
                             """)).contains("250 2.0.0 Queued as ");
    assertThat(inbound.spool.messages().getFirst().text()).contains(" with ESMTPSA id ")
        .contains("\r\nDate: ")
        .contains("\r\nMessage-ID: <");
  }

  @ParameterizedTest
  @CsvSource({"AUTH=<>, 250", "AUTH=e+3Dmc2@example.com, 250", "AUTH=he+YYa, 501 5.5.4", "AUTH=x, 501 5.5.4",
      "AUTH=, 501 5.5.4", "AUTH, 501 5.5.4"})
  void readsWhoFirstSubmittedIt(String parameter, String reply) {
    var session = submission();
    session.lines("AUTH PLAIN " + ALICE + "\n");
    assertThat(session.lines("MAIL FROM:<alice@example.org> " + parameter + "\n")).startsWith(reply);
  }

  @ParameterizedTest(name = "{0} said {1}")
  @CsvSource({"true, AUTH=e+3Dmc2@example.com, e=mc2@example.com", "true, AUTH=<>, ", "true, '', ",
      "false, AUTH=x@example.com, "})
  void keepsWhoFirstSubmittedItWhenItBelievesTheClient(boolean isBelieved, String said, String kept) {
    var session = isBelieved ? submission() : on(Kind.MX, false);
    session.lines(isBelieved ? "AUTH PLAIN " + ALICE + "\n" : GREET);
    session.lines("MAIL FROM:<alice@example.org> " + said
        + "\nRCPT TO:<alice@example.org>\nDATA\nFrom: alice@example.org\n\nx\n.\n");
    assertThat(inbound.spool.message().message().envelope().handling().submitter().map(Mailbox::toString))
        .isEqualTo(Optional.ofNullable(kept));
  }

  @Test
  void forgetsTheIdentityOfASessionBeforeTls() throws Exception {
    var session = on(Kind.MX, true);
    session.lines(GREET);
    String challenge = session.lines("AUTH CRAM-MD5\n").substring("334 ".length()).strip();
    assertThat(session.lines(base64("alice@example.org " + cramMd5(challenge, "wonderland")) + "\n")).isEqualTo(OK);
    assertThat(session.lines("STARTTLS\n")).startsWith("220");
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    assertThat(session.lines(GREET)).contains("250-AUTH ");
    assertThat(session.lines("MAIL FROM:<>\nRCPT TO:<x@elsewhere.example>\n")).contains("550 5.7.1");
  }

  private static String cramMd5(String challenge, String password) throws GeneralSecurityException {
    var mac = Mac.getInstance("HmacMD5");
    mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacMD5"));
    return HexFormat.of().formatHex(mac.doFinal(Base64.getDecoder().decode(challenge)));
  }

  private SpokenSession submission() {
    var session = on(Kind.SUBMISSION, false);
    session.lines(GREET + "STARTTLS\n");
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    session.lines(GREET);
    return session;
  }

  private SpokenSession on(Kind kind, boolean onMx) {
    var accounts = new Accounts(List.of(account("alice@example.org", "wonderland", List.of()),
        account("boss", "secret", List.of("*"))));
    var mechanisms = Arrays.stream(Mechanism.values()).filter(m -> m != Mechanism.XOAUTH2).toList();
    var tokens = new TokenSettings("/nonexistent", "https://id.example", "mail", "email");
    var auth = new AuthSettings(mechanisms, () -> accounts, Optional.empty(), Optional.of(tokens),
        Optional.empty(), onMx, GuardSettings.DEFAULT,
        AuthSettings.NONE.hashing());
    var all = Inbound.settings();
    return new SpokenSession(inbound,
        all.with(auth),
        SpokenSession.STRANGER, Terms.of(kind));
  }

  private static Account account(String login, String password, List<String> actAs) {
    return new Account(login, List.of(Secret.parse("{PLAIN}" + password)), List.of(), List.of(), actAs,
        SendingLimits.NONE, true);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
