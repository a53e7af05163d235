package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SenderSyntaxTest {
  private static final String CERTIFIER = "cyuoqTGXXQ260u5tJONOk9onBpbJ".substring(0, 27);

  private static MailOptions mail(String parameters) {
    return ((Command.Mail) CommandParser.parse("MAIL FROM:<a@example.org> " + parameters)).parameters().options();
  }

  private static String refusal(String line) {
    return ((Command.Unusable) CommandParser.parse(line)).reply().toString();
  }

  @Test
  void readsWhatAMessageSolicits() {
    assertThat(mail("SOLICIT=net.example:ADV,org.example:ADV:ADLT").solicitations())
        .containsExactly("net.example:ADV", "org.example:ADV:ADLT");
    assertThat(CommandText.mail(ReversePath.NULL, new MailParameters(java.util.OptionalLong.empty(), BodyType.SEVEN_BIT,
        false, Optional.empty(), Optional.empty(), mail("SOLICIT=a,b")))).isEqualTo("MAIL FROM:<> SOLICIT=a,b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SOLICIT", "SOLICIT=,", "SOLICIT=a,", "SOLICIT=1a", "SOLICIT=a(b", "SOLICIT=a;b"})
  void refusesWhatIsNoSolicitation(String parameter) {
    assertThat(refusal("MAIL FROM:<a@example.org> " + parameter)).startsWith("501 5.5.4");
  }

  @Test
  void boundsSolicitations() {
    assertThat(Solicitation.parse("a".repeat(1000))).isPresent();
    assertThat(Solicitation.parse("a".repeat(1001))).isEmpty();
  }

  @Test
  void comparesKeywordsInAnyCase() {
    assertThat(Solicitation.matches(List.of("net.example:adv", "other"), List.of("NET.example:ADV")))
        .containsExactly("net.example:adv");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"2014-04-03T23:01:00Z, 2014-04-03T23:01:00Z, false",
      "2014-04-03t23:01:00z;c, 2014-04-03T23:01:00Z;C, true",
      "2014-04-03T23:01:00+01:00;R, 2014-04-03T22:01:00Z;R, false"})
  void readsSinceWhenAMailboxMustHaveItsOwner(String value, String text, boolean continuesWithout) {
    var rcpt = (Command.Rcpt) CommandParser.parse("RCPT TO:<a@example.org> RRVS=" + value);
    var since = rcpt.parameters().validSince().orElseThrow();
    assertThat(since).hasToString(text);
    assertThat(since.continuesWithout()).isEqualTo(continuesWithout);
    assertThat(since.time()).isBefore(Instant.parse("2014-04-04T00:00:00Z"));
    assertThat(CommandText.rcpt(rcpt.to(), rcpt.parameters())).endsWith(" RRVS=" + text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RRVS", "RRVS=2014-04-03", "RRVS=2014-04-03T23:01:00", "RRVS=2014-04-03T23:01:00.5Z",
      "RRVS=2014-02-30T23:01:00Z", "RRVS=2014-04-03T23:01:00Z;X", "RRVS=2014-04-03T23:01:00Z;"})
  void refusesWhatIsNoTimeOfAnOwner(String parameter) {
    assertThat(refusal("RCPT TO:<a@example.org> " + parameter)).startsWith("501 5.5.4");
  }

  @Test
  void readsHowAMessageIsTracked() {
    assertThat(mail("ENVID=1@h.example MTRK=" + CERTIFIER + ":86400").tracking())
        .hasValue(new Tracking(CERTIFIER, Optional.of(Duration.ofDays(1))));
    assertThat(mail("ENVID=1@h.example MTRK=" + CERTIFIER).tracking())
        .hasValue(new Tracking(CERTIFIER, Optional.empty()));
    assertThat(new Tracking(CERTIFIER, Optional.of(Duration.ofDays(1)))).hasToString(CERTIFIER + ":86400");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ENVID=1@h.example MTRK", "ENVID=1@h.example MTRK=abc", "MTRK=000000000000000000000000000",
      "ENVID=1 MTRK=000000000000000000000000000", "ENVID=1@h MTRK=000000000000000000000000000",
      "ENVID=1@h.example MTRK=000000000000000000000000000:", "ENVID=1@h.example MTRK=000000000000000000000000000:-1",
      "ENVID=1@h.example MTRK=000000000000000000000000000:1234567890"})
  void refusesWhatCannotBeTracked(String parameters) {
    assertThat(refusal("MAIL FROM:<a@example.org> " + parameters)).startsWith("501 5.5.4");
  }
}
