package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Recipient.OwnerFields;
import org.posthorn.smtp.ValidSince;

class ConsentTest {
  private static final String OWNERS = """
                                       alice since=2020-01-01 no-soliciting=org.example:ADLT
                                       bob since=2010-01-01
                                       forward since=2018-01-01
                                       @example.net since=2019-01-01
                                       """;

  private final Inbound inbound = new Inbound();

  private SpokenSession session(String... unwanted) {
    return session(Optional.of(Owners.parse(OWNERS, "owners")), unwanted);
  }

  private SpokenSession session(Optional<Owners> owners, String... unwanted) {
    var base = Inbound.settings();
    var session = new SpokenSession(inbound,
        base.with(base.extensions().with(new ConsentSettings(List.of(unwanted), owners, Duration.ofDays(9)))),
        SpokenSession.TRUSTED);
    session.lines("EHLO client.example\n");
    return session;
  }

  private String content() {
    try (var in = inbound.spool.content(inbound.accepted.getLast().id()).open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void announcesWhatNobodyWants() {
    assertThat(session("net.example:ADV", "b").lines("EHLO x\n")).contains("250-NO-SOLICITING net.example:ADV,b\n",
        "250-RRVS\n", "250-MTRK\n");
    assertThat(new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER).lines("EHLO x\n"))
        .contains("250-NO-SOLICITING\n")
        .doesNotContain("RRVS", "MTRK");
  }

  @Test
  void refusesAtMailWhatNobodyWants() {
    assertThat(session("net.example:ADV").lines("MAIL FROM:<a@b.example> SOLICIT=x,net.example:adv\n"))
        .isEqualTo("550 5.7.1 Such solicitations are not wanted here: SOLICIT=net.example:adv\n");
  }

  @Test
  void refusesForTheRecipientWhoDoesNotWantIt() {
    var session = session();
    assertThat(session.lines("MAIL FROM:<a@b.example> SOLICIT=org.example:ADLT\n")).startsWith("250");
    assertThat(session.lines("RCPT TO:<Alice+x@example.org>\n"))
        .isEqualTo("550 5.7.1 Such solicitations are not wanted here: SOLICIT=org.example:ADLT\n");
    assertThat(session.lines("RCPT TO:<team@example.org>\n")).startsWith("550 5.7.1");
    assertThat(session.lines("RCPT TO:<bob@example.org>\n")).startsWith("250");
  }

  @Test
  void refusesAtTheEndWhatOnlyTheHeaderNames() {
    var message = "Subject: x\nSolicitation: org.example:ADLT\n\nbuy\n.\n";
    var session = session();
    assertThat(session.lines("MAIL FROM:<a@b.example>\nRCPT TO:<alice@example.org>\nDATA\n" + message))
        .endsWith("550 5.7.1 Such solicitations are not wanted here: SOLICIT=org.example:ADLT\n");
    assertThat(
        session("org.example:ADLT").lines("MAIL FROM:<a@b.example>\nRCPT TO:<bob@example.org>\nDATA\n" + message))
        .endsWith("SOLICIT=org.example:ADLT\n");
    assertThat(session.lines("MAIL FROM:<a@b.example>\nRCPT TO:<bob@example.org>\nDATA\n" + message))
        .contains("250 2.0.0 Queued");
  }

  @Test
  void keepsAndShowsWhatAMessageSolicits() {
    session().lines("MAIL FROM:<a@b.example> SOLICIT=one,two\nRCPT TO:<bob@example.org>\nDATA\nSubject: x\n\n.\n");
    assertThat(inbound.accepted.getLast().envelope().handling().solicitations()).containsExactly("one", "two");
    assertThat(content()).contains(" with ESMTP\r\n\t(SOLICIT=one,two) id ");
  }

  @Test
  void takesTheHeaderForThePartOfMailThatIsMissing() {
    session().lines("MAIL FROM:<a@b.example>\nRCPT TO:<bob@example.org>\nDATA\nSolicitation: one,\n two\n\n.\n");
    session().lines("MAIL FROM:<a@b.example>\nRCPT TO:<bob@example.org>\nDATA\nSolicitation: one,two\n\n.\n");
    assertThat(inbound.accepted.getLast().envelope().handling().solicitations()).containsExactly("one", "two");
    assertThat(content()).contains("(SOLICIT=one,two)");
  }

  @ParameterizedTest(name = "{0} since {1}: {2}")
  @CsvSource({"alice@example.org, 2021-01-01, 250 2.1.5", "alice@example.org, 2019-12-31, 550 5.7.17",
      "bob+x@example.org, 2011-01-01, 250 2.1.5", "bob@example.net, 2011-01-01, 550 5.7.18",
      "Erin@example.net, 2021-01-01, 550 5.7.19", "postmaster@example.org, 1990-01-01, 250 2.1.5",
      "forward@example.org, 2017-01-01, 550 5.7.17", "forward@example.org, 2019-01-01, 250 2.1.5",
      "anybody@elsewhere.example, 1990-01-01, 250 2.1.5"})
  void asksWhetherAMailboxStillBelongsToWhomTheSenderMeans(String address, String day, String reply) {
    assertThat(session().lines("MAIL FROM:<a@b.example>\nRCPT TO:<" + address + "> RRVS=" + day + "T00:00:00Z\n"))
        .contains("\n" + reply + " ");
  }

  @Test
  void keepsTheTimeForTheNextHopButNotBehindAnAlias() {
    session().lines("""
                    MAIL FROM:<a@b.example>
                    RCPT TO:<x@elsewhere.example> RRVS=2019-01-01T00:00:00Z;R
                    RCPT TO:<forward@example.org> RRVS=2019-01-01T00:00:00Z
                    DATA

                    .
                    """);
    assertThat(inbound.accepted.getLast().envelope().recipients()).extracting(r -> r.validSince())
        .containsExactly(ValidSince.parse("2019-01-01T00:00:00Z;R"), Optional.empty());
  }

  @Test
  void doesNotPretendToKnowOwners() {
    assertThat(session(Optional.empty())
        .lines("MAIL FROM:<a@b.example>\nRCPT TO:<bob@example.org> RRVS=2019-01-01T00:00:00Z\n"))
        .contains("555 5.5.4 RRVS is not available");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', value = {"alice@example.org; Tue, 1 Jan 2019 08:00:00 +0000 | 550 5.7.17",
      "alice@example.org; Fri, 1 Jan 2021 08:00:00 +0000 | 250 2.0.0", "alice@example.org; then | 250 2.0.0",
      "bob@example.org; Tue, 1 Jan 1991 08:00:00 +0000 | 250 2.0.0", "alice@example.org | 250 2.0.0"})
  void readsTheTimeFromTheHeader(String field, String reply) {
    assertThat(session().lines("MAIL FROM:<a@b.example>\nRCPT TO:<alice@example.org>\nDATA\n"
        + "Require-Recipient-Valid-Since: " + field + "\n\n.\n")).contains("\n" + reply + " ");
  }

  @Test
  void believesRcptMoreThanTheHeader() {
    assertThat(session().lines("""
                               MAIL FROM:<a@b.example>
                               RCPT TO:<alice@example.org> RRVS=2021-01-01T00:00:00Z
                               DATA
                               Require-Recipient-Valid-Since: alice@example.org; Tue, 1 Jan 2019 08:00:00 +0000

                               .
                               """)).contains("250 2.0.0 Queued");
  }

  @Test
  void takesTheHeaderForTheParameterThatIsMissing() {
    session().lines("""
                    MAIL FROM:<a@b.example>
                    RCPT TO:<x@elsewhere.example>
                    RCPT TO:<y@elsewhere.example> RRVS=2019-01-01T00:00:00Z;R
                    RCPT TO:<z@elsewhere.example>
                    RCPT TO:<alice@example.org>
                    RCPT TO:<forward@example.org>
                    DATA
                    Require-Recipient-Valid-Since: x@elsewhere.example;
                     Sat, 1 Jun 2013 09:23:01 -0700
                    Require-Recipient-Valid-Since: y@elsewhere.example; Sat, 1 Jun 2013 09:23:01 -0700
                    Require-Recipient-Valid-Since: forward@example.org; Tue, 1 Jan 2019 00:00:00 +0000
                    Require-Recipient-Valid-Since: z@elsewhere.example; once upon a time

                    .
                    """);
    var recipients = inbound.accepted.getLast().envelope().recipients();
    assertThat(recipients).extracting(r -> r.ownerField())
        .containsExactly(OwnerFields.FOR_NEXT_HOP, OwnerFields.FOR_NEXT_HOP, OwnerFields.NONE, OwnerFields.HEEDED,
            OwnerFields.HEEDED);
    assertThat(recipients).extracting(r -> r.validSince())
        .containsExactly(ValidSince.parse("2013-06-01T16:23:01Z;C"), ValidSince.parse("2019-01-01T00:00:00Z;R"),
            Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Test
  void leavesTheHeaderAloneWhereNobodyKnowsOwners() {
    session(Optional.empty()).lines("""
                                    MAIL FROM:<a@b.example>
                                    RCPT TO:<x@elsewhere.example>
                                    DATA
                                    Require-Recipient-Valid-Since: x@elsewhere.example; Sat, 1 Jun 2013 09:23:01 -0700

                                    .
                                    """);
    assertThat(inbound.accepted.getLast().envelope().recipients().getFirst().ownerField()).isEqualTo(OwnerFields.NONE);
  }

  @Test
  void keepsHowLongAMessageMayBeTracked() {
    session().lines("""
                    MAIL FROM:<a@b.example> ENVID=1@h.example MTRK=000000000000000000000000000:99999999
                    RCPT TO:<team@example.org>
                    RCPT TO:<bob@example.org>
                    DATA

                    .
                    """);
    var envelope = inbound.accepted.getLast().envelope();
    assertThat(envelope.handling().tracking().orElseThrow().timeout()).hasValue(Duration.ofDays(9));
    assertThat(envelope.recipients()).extracting(r -> r.isExpanded()).contains(true);
  }
}
