package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.inbound.HandlingSettings.DeliverByTimes;
import org.posthorn.daemon.inbound.HandlingSettings.Priorities;
import org.posthorn.daemon.inbound.HandlingSettings.ReleaseTimes;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.queue.Handling;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.Priority;

class WishesTest {
  private static final HandlingSettings EVERYTHING = new HandlingSettings(
      new DeliverByTimes(true, Duration.ofSeconds(60)), new ReleaseTimes(Duration.ofDays(1), true),
      new Priorities(true, Optional.of("STANAG4406"), new Priority(6), new Priority(1)));
  private static final HandlingSettings NOTHING = new HandlingSettings(new DeliverByTimes(false, Duration.ZERO),
      new ReleaseTimes(Duration.ZERO, true), new Priorities(false, Optional.empty(), new Priority(6), new Priority(1)));

  private final Inbound inbound = new Inbound();

  private SpokenSession session(HandlingSettings handling, String client) {
    var usual = Inbound.settings();
    var session = new SpokenSession(inbound, usual.with(usual.extensions().with(handling)),
        client);
    session.lines("EHLO client.example\n");
    return session;
  }

  /** Returns how the message was accepted that begins with these parameters and this header. */
  private String deliver(SpokenSession session, String parameters, String header) {
    return session.lines("MAIL FROM:<a@client.example>" + parameters + "\nRCPT TO:<alice@example.org>\nDATA\n" + header
        + "From: a@client.example\n\nText\n.\n");
  }

  private Handling handling() {
    return inbound.accepted.getLast().envelope().handling();
  }

  @Test
  void announcesWhatIsOnOffer() {
    assertThat(session(EVERYTHING, SpokenSession.TRUSTED).lines("EHLO client.example\n"))
        .contains("250-DELIVERBY 60\n", "250-FUTURERELEASE 86400 2026-11-23T07:30:00Z\n",
            "250-MT-PRIORITY STANAG4406\n");
    assertThat(session(HandlingSettings.DEFAULT, SpokenSession.STRANGER).lines("EHLO client.example\n"))
        .contains("250-DELIVERBY\n", "250-MT-PRIORITY MIXER\n")
        .doesNotContain("FUTURERELEASE");
    assertThat(session(NOTHING, SpokenSession.TRUSTED).lines("EHLO client.example\n"))
        .doesNotContain("DELIVERBY", "FUTURERELEASE", "MT-PRIORITY");
  }

  @Test
  void keepsWhatWasAskedForWithTheMessage() {
    var session = session(EVERYTHING, SpokenSession.TRUSTED);
    assertThat(deliver(session, " BY=7200;NT HOLDFOR=3600 MT-PRIORITY=3", "")).contains("250 2.1.0 ", "250 2.0.0 ");
    assertThat(handling().deadline())
        .hasValue(new Handling.Deadline(Inbound.NOW.plusSeconds(7200), DeliverBy.Mode.NOTIFY, true));
    assertThat(handling().release().map(Handling.Release::at)).hasValue(Inbound.NOW.plusSeconds(3600));
    assertThat(handling().priority()).hasValue(new Priority(3));
    assertThat(inbound.spool.messages().getLast().text())
        .contains("\r\n\tPRIORITY 3;");
    deliver(session, "", "");
    assertThat(handling()).isEqualTo(Handling.PLAIN);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"BY=59;R, 555 5.5.4", "BY=60;R, 250 2.1.0", "BY=5;N, 250 2.1.0", "BY=-5;N, 250 2.1.0",
      "HOLDFOR=86400, 250 2.1.0", "HOLDFOR=86401, 501 5.5.4", "HOLDUNTIL=2026-11-23T07:30:00Z, 250 2.1.0",
      "HOLDUNTIL=2026-11-23T07:30:01Z, 501 5.5.4", "HOLDUNTIL=2026-11-22T07:30:00Z, 501 5.5.4",
      "HOLDUNTIL=2020-01-01T00:00:00Z, 501 5.5.4", "HOLDFOR=100 BY=100;R, 250 2.1.0",
      "HOLDFOR=101 BY=100;R, 501 5.5.4", "HOLDFOR=1 BY=-1;N, 501 5.5.4"})
  void refusesTimesThatCannotBe(String parameters, String reply) {
    assertThat(session(EVERYTHING, SpokenSession.TRUSTED).lines("MAIL FROM:<a@client.example> " + parameters + "\n"))
        .startsWith(reply + " ");
  }

  @ParameterizedTest
  @CsvSource({"BY=100;R", "HOLDFOR=100", "MT-PRIORITY=-1"})
  void refusesWhatIsNotOnOffer(String parameters) {
    assertThat(session(NOTHING, SpokenSession.TRUSTED).lines("MAIL FROM:<a@client.example> " + parameters + "\n"))
        .startsWith("555 5.5.4 ");
  }

  @Test
  void countsWhatIsHeldForEachWhoAsks() {
    var first = session(EVERYTHING, SpokenSession.TRUSTED);
    assertThat(deliver(first, " HOLDFOR=3600", "")).contains("250 2.0.0 ");
    assertThat(handling().release().map(Handling.Release::account)).hasValue("192.0.2.7");
    var second = session(EVERYTHING, SpokenSession.TRUSTED);
    assertThat(second.lines("MAIL FROM:<a@client.example> HOLDFOR=3600 SIZE=1048576001\n"))
        .startsWith("552 5.3.4 "); // before any quota
    for (int i = 1; i < 1000; i++) {
      inbound.quotas.reserve("192.0.2.7", SendingLimits.NONE, 10);
    }
    assertThat(second.lines("MAIL FROM:<a@client.example> HOLDFOR=3600\n"))
        .isEqualTo(
            "552 5.7.16 Sending limit reached: 1000 messages waiting to be sent later; send it when less is waiting\n");
    assertThat(deliver(second, "", "")).contains("250 2.0.0 ");
  }

  @Test
  void refusesAtTheEndWhatMailDidNotTell() {
    var session = session(EVERYTHING, SpokenSession.TRUSTED);
    inbound.quotas.reserve("192.0.2.7", SendingLimits.NONE, (1000L << 20) - 100);
    assertThat(deliver(session, " HOLDFOR=3600", "X-Long: " + "x".repeat(100) + "\n"))
        .contains("\n552 5.7.16 Sending limit reached: 1000 megabytes waiting to be sent later");
    assertThat(inbound.accepted).isEmpty();
  }

  @Test
  void holdsMailForSubmittersOnlyUnlessTheOperatorWantsMore() {
    assertThat(session(HandlingSettings.DEFAULT, SpokenSession.TRUSTED)
        .lines("MAIL FROM:<a@client.example> HOLDFOR=100\n")).startsWith("555 5.5.4 ");
    assertThat(session(EVERYTHING, SpokenSession.STRANGER).lines("MAIL FROM:<a@client.example> HOLDFOR=100\n"))
        .startsWith("555 5.5.4 ");
  }

  @ParameterizedTest(name = "from {0} {1} becomes {2}")
  @CsvSource({"192.0.2.7, 9, 6, 250 2.3.6 6 ", "192.0.2.7, 6, 6, 250 2.1.0", "192.0.2.7, -9, -9, 250 2.1.0",
      "198.51.100.7, 9, 1, 250 2.3.6 1 ", "198.51.100.7, 1, 1, 250 2.1.0", "198.51.100.7, -3, -3, 250 2.1.0"})
  void nobodyGetsAHigherPriorityThanAllowed(String client, int asked, int granted, String reply) {
    assertThat(deliver(session(EVERYTHING, client), " MT-PRIORITY=" + asked, "")).startsWith(reply);
    assertThat(handling().priority()).hasValue(new Priority(granted));
  }

  @ParameterizedTest(name = "from {0} [{1}] becomes {2}")
  @CsvSource({"192.0.2.7, MT-Priority: 3, 3, 250 2.0.0 ", "192.0.2.7, mt-priority: (so) 4 (ultra), 4, 250 2.0.0 ",
      "192.0.2.7, MT-Priority: 9, 6, 250 2.3.6 6 ", "192.0.2.7, MT-Priority: high, 0, 250 2.3.6 0 ",
      "192.0.2.7, MT-Priority: 3~MT-Priority: 3, 0, 250 2.3.6 0 ", "192.0.2.7, 'MT-Priority:~ 2', 2, 250 2.0.0 ",
      "198.51.100.7, MT-Priority: 3, 0, 250 2.3.6 0 ", "198.51.100.7, MT-Priority: -3, 0, 250 2.3.6 0 "})
  void theHeaderCountsFromTrustedClientsOnly(String client, String header, int granted, String reply) {
    assertThat(deliver(session(EVERYTHING, client), "", header.replace('~', '\n') + "\n")).contains("\n" + reply);
    assertThat(handling().priority()).hasValue(new Priority(granted));
  }

  @Test
  void whatMailSaysCountsMoreThanTheHeader() {
    assertThat(deliver(session(EVERYTHING, SpokenSession.TRUSTED), " MT-PRIORITY=-2", "MT-Priority: 5\n"))
        .contains("250 2.0.0 ");
    assertThat(handling().priority()).hasValue(new Priority(-2));
  }
}
