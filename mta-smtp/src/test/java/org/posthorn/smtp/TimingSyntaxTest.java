package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimingSyntaxTest {
  private static MailOptions options(String parameters) {
    var command = CommandParser.parse("MAIL FROM:<a@example.org> " + parameters);
    assertThat(command).isInstanceOf(Command.Mail.class);
    return ((Command.Mail) command).parameters().options();
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({"BY=120;R, 120;R", "by=+120;rt, 120;RT", "BY=-999999999;N, -999999999;N", "BY=0;n, 0;N", "BY=1;NT, 1;NT",
      "BY=000000001;R, 1;R"})
  void readsTheTimeToDeliverBy(String parameter, String expected) {
    assertThat(options(parameter).deliverBy()).hasToString("Optional[" + expected + "]");
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({"HOLDFOR=1, for;1", "holdfor=999999999, for;999999999",
      "HOLDUNTIL=2030-12-24T18:00:00Z, until;2030-12-24T18:00:00Z",
      "holduntil=2030-12-24t18:00:00.25z, until;2030-12-24T18:00:00.250Z"})
  void readsTheTimeToHoldAMessage(String parameter, String expected) {
    assertThat(options(parameter).release()).hasToString("Optional[" + expected + "]");
  }

  @ParameterizedTest
  @CsvSource({"-9", "-1", "0", "1", "9"})
  void readsPriorities(int value) {
    assertThat(options("mt-priority=" + value).priority()).hasValue(new Priority(value));
  }

  @Test
  void readsAllOfThemTogether() {
    assertThat(options("MT-PRIORITY=3 BY=125;R ENVID=QQ314159 HOLDFOR=60"))
        .satisfies(all -> assertThat(all.deliverBy()).isPresent())
        .satisfies(all -> assertThat(all.release()).isPresent())
        .satisfies(all -> assertThat(all.priority()).isPresent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"BY", "BY=120", "BY=;R", "BY=120;", "BY=120;X", "BY=120;RTT", "BY=120;TR", "BY=1234567890;R",
      "BY=0;R", "BY=-5;R", "BY=--5;N", "BY=1.5;N", "BY=120;R BY=60;N", "HOLDFOR", "HOLDFOR=0", "HOLDFOR=01",
      "HOLDFOR=-1", "HOLDFOR=+1", "HOLDFOR=1000000000", "HOLDFOR=1h", "HOLDUNTIL", "HOLDUNTIL=tomorrow",
      "HOLDUNTIL=2030-12-24", "HOLDUNTIL=2030-12-24T18:00Z", "HOLDUNTIL=2030-12-24T18:00:00",
      "HOLDUNTIL=2030-12-24T18:00:00+01:00", "HOLDUNTIL=2030-13-24T18:00:00Z", "HOLDUNTIL=2030-02-30T18:00:00Z",
      "HOLDUNTIL=2030-12-24T25:00:00Z", "HOLDFOR=1 HOLDUNTIL=2030-12-24T18:00:00Z", "HOLDFOR=1 HOLDFOR=1"})
  void refusesWhatIsNoTime(String parameters) {
    assertThat(CommandParser.parse("MAIL FROM:<a@example.org> " + parameters))
        .isInstanceOfSatisfying(Command.Unusable.class,
            unusable -> assertThat(unusable.reply().toString()).startsWith("501 5.5.4 "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"MT-PRIORITY", "MT-PRIORITY=", "MT-PRIORITY=10", "MT-PRIORITY=-10", "MT-PRIORITY=+1",
      "MT-PRIORITY=-0", "MT-PRIORITY=01", "MT-PRIORITY=high", "MT-PRIORITY=1 MT-PRIORITY=1"})
  void refusesWhatIsNoPriority(String parameters) {
    assertThat(CommandParser.parse("MAIL FROM:<a@example.org> " + parameters))
        .isInstanceOfSatisfying(Command.Unusable.class,
            unusable -> assertThat(unusable.reply().toString()).startsWith("501 5.5."));
  }
}
