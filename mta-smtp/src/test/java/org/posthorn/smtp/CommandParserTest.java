package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTest {
  private static final String SENDERS = """
                                        MAIL FROM:<a@example.org> | a@example.org
                                        mail from:<a@EXAMPLE.org> | a@example.org
                                        MAIL  FROM: <a@example.org> | a@example.org
                                        MAIL FROM:a@example.org SIZE=1 | a@example.org
                                        MAIL FROM:<@one.example,@two.example:a@example.org> | a@example.org
                                        MAIL FROM:<"a b"@example.org> | "a b"@example.org
                                        MAIL FROM:<"a\\b"@example.org> | ab@example.org
                                        MAIL FROM:<"a\\"b>"@example.org> | "a\\"b>"@example.org
                                        MAIL FROM:<a@[192.0.2.1]> | a@[192.0.2.1]
                                        MAIL FROM:<a@[ipv6:2001:DB8:0::0:1]> | a@[IPv6:2001:db8::1]
                                        MAIL FROM:<é@example.org> SMTPUTF8 | é@example.org
                                        MAIL FROM:<a@BÜCHER.example> | a@xn--bcher-kva.example
                                        """;

  private static final String RECIPIENTS = """
                                           RCPT TO:<b@example.net>                                | b@example.net
                                           rcpt to: b@example.net                                 | b@example.net
                                           RCPT TO:<@relay.example:b@example.net> NOTIFY=NEVER    | b@example.net
                                           RCPT TO:<Postmaster>                                   | postmaster
                                           RCPT TO:<pOSTMASTER> NOTIFY=NEVER                      | postmaster
                                           RCPT TO:postmaster                                     | postmaster
                                           RCPT TO:<postmaster@example.net> | postmaster@example.net
                                           """;

  private static final String WRONG = """
                                      XYZZY | 500 5.5.2
                                      MAıL FROM:<a@example.org> | 500 5.5.2
                                      MAILFROM:<a@example.org> | 500 5.5.2
                                      SEND FROM:<a@example.org> | 502 5.5.1
                                      soml | 502 5.5.1
                                      SAML | 502 5.5.1
                                      TURN | 502 5.5.1
                                      HELO | 501 5.5.4
                                      EHLO | 501 5.5.4
                                      VRFY | 501 5.5.4
                                      EXPN | 501 5.5.4
                                      DATA now | 501 5.5.4
                                      RSET now | 501 5.5.4
                                      QUIT now | 501 5.5.4
                                      MAIL | 501 5.5.4
                                      MAIL TO:<a@example.org> | 501 5.5.4
                                      MAIL FROM <a@example.org> | 501 5.5.4
                                      MAIL FROM: | 501 5.1.7
                                      MAIL FROM:< | 501 5.1.7
                                      MAIL FROM:<a> | 501 5.1.7
                                      MAIL FROM:<a@> | 501 5.1.7
                                      MAIL FROM:<@example.org> | 501 5.1.7
                                      MAIL FROM:<@example.org:> | 501 5.1.7
                                      MAIL FROM:<@one.example,two.example:a@example.org> | 501 5.1.7
                                      MAIL FROM:<a@b@example.org> | 501 5.1.7
                                      MAIL FROM:<a@example.org | 501 5.1.7
                                      MAIL FROM:a@example.org> | 501 5.1.7
                                      MAIL FROM:<a b@example.org> | 501 5.1.7
                                      MAIL FROM:<"a@example.org> | 501 5.1.7
                                      MAIL FROM:<"a\\ | 501 5.1.7
                                      MAIL FROM:<a..b@example.org> | 501 5.1.7
                                      MAIL FROM:<a@example..org> | 501 5.1.7
                                      MAIL FROM:<a@example.org.> | 501 5.1.7
                                      MAIL FROM:<a@[300.1.2.3]> | 501 5.1.7
                                      MAIL FROM:<a@[192.0.2.1> | 501 5.1.7
                                      MAIL FROM:<é@example.org> | 553 5.6.7
                                      MAIL FROM:<a@example.org>SIZE=1 | 501 5.5.4
                                      MAIL FROM:<a@example.org> =1 | 501 5.5.4
                                      MAIL FROM:<a@example.org> SIZE= | 501 5.5.4
                                      MAIL FROM:<a@example.org> SIZE | 501 5.5.4
                                      MAIL FROM:<a@example.org> SIZE=rabbit | 501 5.5.4
                                      MAIL FROM:<a@example.org> SIZE=-1 | 501 5.5.4
                                      MAIL FROM:<a@example.org> SIZE=184467440737095516150 | 501 5.5.4
                                      MAIL FROM:<a@example.org> SIZE=1 SIZE=1 | 501 5.5.4
                                      MAIL FROM:<a@example.org> ſIZE=1 | 501 5.5.4
                                      MAIL FROM:<a@example.org> BODY | 501 5.5.4
                                      MAIL FROM:<a@example.org> BODY=9BIT | 501 5.5.4
                                      MAIL FROM:<a@example.org> BODY=BINARY | 501 5.5.4
                                      MAIL FROM:<a@example.org> SMTPUTF8=YES | 501 5.5.4
                                      MAIL FROM:<a@example.org> RET=SOME | 501 5.5.4
                                      MAIL FROM:<a@example.org> ENVID=ab+zz | 501 5.5.4
                                      MAIL FROM:<a@example.org> ENVID=a+0D+0Ab | 501 5.5.4
                                      MAIL FROM:<a@example.org> FOO=bar | 555 5.5.4
                                      MAIL FROM:<a@example.org> NOTIFY=NEVER | 555 5.5.4
                                      RCPT TO: | 501 5.1.3
                                      RCPT TO:<> | 501 5.1.3
                                      RCPT TO:<postmaster | 501 5.1.3
                                      RCPT TO:<postmasters> | 501 5.1.3
                                      RCPT FROM:<a@example.org> | 501 5.5.4
                                      RCPT TO:<a@example.org> FOOBAR | 555 5.5.4
                                      RCPT TO:<a@example.org> NOTIFY= | 501 5.5.4
                                      RCPT TO:<a@example.org> NOTIFY=NEVER,FAILURE | 501 5.5.4
                                      RCPT TO:<a@example.org> NOTIFY=FAILURE, | 501 5.5.4
                                      RCPT TO:<a@example.org> ORCPT=bob@example.com | 501 5.5.4
                                      RCPT TO:<a@example.org> ORCPT=rfc822; | 501 5.5.4
                                      RCPT TO:<a@example.org> ORCPT=utf-8;a\\x{0A}b@c.d | 501 5.5.4
                                      """;

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = SENDERS)
  void readsSenders(String line, String address) {
    assertThat(CommandParser.parse(line)).isInstanceOfSatisfying(Command.Mail.class,
        mail -> assertThat(mail.from()).hasToString(address));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = RECIPIENTS)
  void readsRecipients(String line, String address) {
    assertThat(CommandParser.parse(line)).isInstanceOfSatisfying(Command.Rcpt.class,
        rcpt -> assertThat(rcpt.to()).hasToString(address));
  }

  @Test
  void readsTheNullSender() {
    assertThat(CommandParser.parse("MAIL FROM:<>")).isEqualTo(
        new Command.Mail(ReversePath.NULL, MailParameters.NONE));
  }

  @Test
  void readsTheParametersOfMail() {
    assertThat(
        CommandParser.parse("MAIL FROM:<> size=18446744073709551615 Body=8bitMIME SMTPUTF8 ret=hdrs ENVID=a+2Bb"))
        .isEqualTo(new Command.Mail(ReversePath.NULL, new MailParameters(OptionalLong.of(Long.MAX_VALUE),
            BodyType.EIGHT_BIT_MIME, true, Optional.of(ReturnContent.HDRS), Optional.of("a+b"), MailOptions.NONE)));
  }

  @Test
  void readsTheParametersOfRcpt() {
    assertThat(CommandParser.parse("RCPT TO:<postmaster> notify=Delay,success ORCPT=rfc822;Bob+2BX@example.com"))
        .isEqualTo(new Command.Rcpt(new ForwardPath.Postmaster(), new RcptParameters(
            Optional.of(NotifyOn.of(NotifyOn.Condition.SUCCESS, NotifyOn.Condition.DELAY)),
            Optional.of(new OriginalRecipient("rfc822", "Bob+X@example.com")))));
  }

  static Stream<Arguments> others() {
    return Stream.of(
        Arguments.of("HELO client.example", new Command.Helo("client.example")),
        Arguments.of("lhlo localhost", new Command.Lhlo("localhost")),
        Arguments.of("ehlo [192.0.2.7]", new Command.Ehlo("[192.0.2.7]")),
        Arguments.of("EHLO my_pc (evil) <x>", new Command.Ehlo("my_pc??evil???x?")),
        Arguments.of("DATA", new Command.Data()),
        Arguments.of("data  \t ", new Command.Data()),
        Arguments.of("BDAT 0", new Command.Bdat(0, false)),
        Arguments.of("bdat 123 last", new Command.Bdat(123, true)),
        Arguments.of("BDAT 999999999999999999 LAST", new Command.Bdat(999_999_999_999_999_999L, true)),
        Arguments.of("RSET \t", new Command.Rset()),
        Arguments.of("NOOP", new Command.Noop()),
        Arguments.of("noop anything at all", new Command.Noop()),
        Arguments.of("QUIT", new Command.Quit()),
        Arguments.of("VRFY Some One <x@y>", new Command.Vrfy("Some One <x@y>")),
        Arguments.of("EXPN staff", new Command.Expn("staff")),
        Arguments.of("HELP", new Command.Help(Optional.empty())),
        Arguments.of("HELP MAIL", new Command.Help(Optional.of("MAIL"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("others")
  void readsTheOtherCommands(String line, Command command) {
    assertThat(CommandParser.parse(line)).isEqualTo(command);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '§', nullValues = "''", textBlock = WRONG)
  void saysWhatIsWrong(String line, String reply) {
    assertThat(CommandParser.parse(line)).isInstanceOfSatisfying(Command.Unusable.class,
        unusable -> assertThat(unusable.reply().toString()).startsWith(reply + " "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "NOOP a\0b", "NOOP \r", "VRFY a\u0085b", "VRFY \ud800", "NOOP\tx"})
  void refusesWhatIsNoText(String line) {
    assertThat(CommandParser.parse(line)).isInstanceOfSatisfying(Command.Unusable.class,
        unusable -> assertThat(unusable.reply().toString()).startsWith("500 5.5.2 "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"BDAT", "BDAT abc LAST", "BDAT -1 LAST", "BDAT 18446744073709551624 LAST", "BDAT 0 LASTX",
      "BDAT 1 2", "BDAT 1LAST"})
  void knowsWhenItCannotTellHowLongAChunkIs(String line) {
    assertThat(CommandParser.parse(line)).isInstanceOf(Command.UnreadableChunk.class);
  }

  @Test
  void takesPathsUpToTheirLimits() {
    String local = "a".repeat(Mailbox.MAX_LOCAL_PART_OCTETS);
    String domain = ("b".repeat(61) + ".").repeat(2) + "c";
    assertThat(CommandParser.parse("MAIL FROM:<" + local + "@" + domain + "d>")).isInstanceOf(Command.Unusable.class);
    assertThat(CommandParser.parse("MAIL FROM:<a" + local + "@d>")).isInstanceOf(Command.Unusable.class);
    assertThat(CommandParser.parse("MAIL FROM:<" + local + "@" + domain + ">")).isInstanceOf(Command.Mail.class);
  }
}
