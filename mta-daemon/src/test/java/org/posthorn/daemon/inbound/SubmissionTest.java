package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.SubmissionSettings.ForeignFrom;
import org.posthorn.daemon.inbound.SubmissionSettings.OverLimit;
import org.posthorn.daemon.quota.SendingLimits;

/** What one who has logged in may send (RFC 6409). */
class SubmissionTest {
  private static final String OK = "250 2.0.0 Queued as ";

  private final Inbound inbound = new Inbound();

  @ParameterizedTest(name = "{0} as {1}")
  @CsvSource({"alice@example.org, alice@example.org, 250", "alice@example.org, ALICE+shop@Example.ORG, 250",
      "alice@example.org, bob@example.org, 553 5.7.1", "alice@example.org, alicex@example.org, 553 5.7.1",
      "alice@example.org, alice@example.net, 553 5.7.1", "alice@example.org, '', 250",
      "alice@example.org, alice@host, 554 5.1.8", "bob, bob@example.org, 250", "bob, bob@example.net, 250",
      "bob, bob@example.com, 553 5.7.1", "shop, sales@example.org, 250", "shop, x@shop.example, 250",
      "shop, x@www.shop.example, 553 5.7.1", "shop, shop@example.org, 553 5.7.1", "any, who@ever.example, 250"})
  void takesSendersThatBelongToTheUser(String user, String from, String reply) {
    assertThat(session(user, SubmissionSettings.DEFAULT).lines("MAIL FROM:<" + from + ">\n")).startsWith(reply);
  }

  @Test
  void wantsFullDomainsOfRecipients() {
    var session = session("bob", SubmissionSettings.DEFAULT);
    session.lines("MAIL FROM:<bob@example.org>\n");
    assertThat(session.lines("RCPT TO:<x@sales>\n")).startsWith("554 5.1.2");
    assertThat(session.lines("RCPT TO:<postmaster>\n")).startsWith("250");
    assertThat(session.lines("RCPT TO:<x@[203.0.113.5]>\n")).startsWith("250");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {"From: Bob <bob@example.org> | 250",
      "From: \"x, <y>\" <bob+a@example.net> | 250",
      "From: bob@example.org, bob@example.net;Sender: bob@example.org | 250",
      "From: boss@example.org | 553 5.7.1", "From: bob@example.org, boss@example.org | 553 5.7.1",
      "From: bob@example.org;Sender: boss@example.org | 553 5.7.1", "Subject: x | 554 5.6.0",
      "From: bob@example.org;From: bob@example.org | 554 5.6.0", "From: bob | 554 5.1.7", "From: bob@host | 554 5.1.7",
      "From:  | 554 5.1.7", "From: undisclosed:; | 554 5.1.7"})
  void takesAuthorsThatBelongToTheUser(String header, String reply) {
    assertThat(send("bob", SubmissionSettings.DEFAULT, header)).startsWith(reply);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {"From: boss@example.org | Sender: <bob@example.net>",
      "From: bob@example.org | ''", "From: boss@example.org;Sender: bob@example.org | ''"})
  void namesTheSenderWhereThatIsThePolicy(String header, String sender) {
    assertThat(send("bob", policy(ForeignFrom.SENDER, false), header)).startsWith(OK);
    assertThat(
        message().lines().takeWhile(line -> !line.startsWith("From:")).filter(line -> line.startsWith("Sender:")))
        .isEqualTo(Stream.of(sender).filter(field -> !field.isEmpty()).toList());
  }

  @Test
  void looksAtNoHeaderWhereThatIsThePolicy() {
    assertThat(send("bob", policy(ForeignFrom.IGNORE, false), "From: boss@example.org")).startsWith(OK);
  }

  @Test
  void refusesAForeignSenderFieldUnderAnyPolicyThatLooks() {
    assertThat(send("bob", policy(ForeignFrom.SENDER, false),
        "From: boss@example.org;Sender: boss@example.org")).startsWith("553 5.7.1");
  }

  @Test
  void keepsSilentAboutTheClientWhenTold() {
    send("bob", policy(ForeignFrom.REJECT, true), "From: bob@example.org");
    assertThat(message()).startsWith("Received: by mx.example.org (Posthorn) with ESMTPSA id ")
        .doesNotContain(SpokenSession.STRANGER)
        .doesNotContain("client.example");
  }

  private String message() {
    return inbound.spool.messages().getFirst().text();
  }

  private String send(String user, SubmissionSettings settings, String header) {
    return session(user, settings).lines("""
                                         MAIL FROM:<bob@example.net>
                                         RCPT TO:<x@elsewhere.example>
                                         DATA
                                         %s

                                         text
                                         .
                                         """.formatted(header.replace(";S", "\nS").replace(";F", "\nF")))
        .lines()
        .skip(3)
        .findFirst()
        .orElseThrow();
  }

  private SpokenSession session(String user, SubmissionSettings submission) {
    var accounts = new Accounts(List.of(account("alice@example.org"), account("bob"),
        account("shop", "sales@example.org", "@shop.example"), account("any", "*")));
    var auth = new AuthSettings(List.of(Mechanism.PLAIN), () -> accounts, Optional.empty(), Optional.empty(),
        Optional.empty(), false, GuardSettings.DEFAULT,
        AuthSettings.NONE.hashing());
    var all = Inbound.settings();
    var session = new SpokenSession(inbound, all.with(auth).with(submission), SpokenSession.STRANGER,
        Terms.of(Kind.SUBMISSIONS));
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    var plain = Base64.getEncoder().encodeToString(("\0" + user + "\0x").getBytes(StandardCharsets.UTF_8));
    assertThat(session.lines("EHLO client.example\nAUTH PLAIN " + plain + "\n")).contains("235 ");
    return session;
  }

  private static SubmissionSettings policy(ForeignFrom from, boolean hidesClient) {
    return new SubmissionSettings(from, SendingLimits.NONE, OverLimit.DEFER, hidesClient);
  }

  private static Account account(String login, String... addresses) {
    return new Account(login, List.of(Secret.parse("{PLAIN}x")), List.of(),
        Stream.of(addresses).flatMap(address -> AddressPattern.parse(address).stream()).toList(), List.of(),
        SendingLimits.NONE, true);
  }
}
