package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandParserTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = """
                                                                MAIL FROM:<a@example.org>                              | a@example.org
                                                                mail from:<a@EXAMPLE.org>                              | a@example.org
                                                                MAIL  FROM: <a@example.org>                            | a@example.org
                                                                MAIL FROM:a@example.org SIZE=1                         | a@example.org
                                                                MAIL FROM:<@one.example,@two.example:a@example.org>    | a@example.org
                                                                MAIL FROM:<"a b"@example.org>                          | "a b"@example.org
                                                                MAIL FROM:<"a\\b"@example.org>                         | ab@example.org
                                                                MAIL FROM:<"a\\"b"@example.org>                        | "a\\"b"@example.org
                                                                MAIL FROM:<a@[192.0.2.1]>                              | a@[192.0.2.1]
                                                                MAIL FROM:<a@[ipv6:2001:DB8:0::0:1]>                   | a@[IPv6:2001:db8::1]
                                                                MAIL FROM:<é@example.org> SMTPUTF8                     | é@example.org
                                                                """)
  void readsSenders(String line, String address) {
    assertThat(CommandParser.parse(line)).isInstanceOfSatisfying(Command.Mail.class,
        mail -> assertThat(mail.from()).hasToString(address));
  }

  @Test
  void readsTheNullSender() {
    assertThat(CommandParser.parse("MAIL FROM:<>")).isEqualTo(
        new Command.Mail(ReversePath.NULL, MailParameters.NONE));
  }
}
