package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.smtp.Capabilities.Extension;

class CapabilitiesTest {
  @ParameterizedTest
  @EnumSource
  void findsEachExtensionInAnyCase(Extension extension) {
    assertThat(offered("mail.example", extension.keyword().toLowerCase(Locale.ROOT)).has(extension)).isTrue();
    assertThat(offered("mail.example").has(extension)).isFalse();
  }

  @Test
  void takesTheFirstLineForAGreeting() {
    assertThat(offered("DSN", "pipelining  ").has(Extension.DSN)).isFalse();
    assertThat(offered("DSN", "pipelining  ").has(Extension.PIPELINING)).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"SIZE, ", "SIZE 0, ", "SIZE 35000000, 35000000", "size 99999999999999999999, 9223372036854775807",
      "SIZE rabbit, ", "SIZE -1, "})
  void readsTheSizeLimit(String line, Long octets) {
    assertThat(offered("x", line).maxSize())
        .isEqualTo(octets == null ? OptionalLong.empty() : OptionalLong.of(octets));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"LIMITS, ", "LIMITS RCPTMAX=20 MAILMAX=5, 20", "limits rcptmax=999999, 999999", "LIMITS RCPTMAX=0, ",
      "LIMITS RCPTMAX=1000000, ", "LIMITS RCPTMAX=05, ", "LIMITS RCPTMAX, ", "LIMITS X=1 RCPTMAX=7, 7",
      "LIMITS RCPTMAX=7;, ",
      "LIMITS ;; RCPTMAX=7, ", "LIMITS XRCPTMAX=7, "})
  void readsHowManyRecipientsATransactionMayHave(String line, Integer most) {
    assertThat(offered("x", line).limit("RCPTMAX"))
        .isEqualTo(most == null ? OptionalInt.empty() : OptionalInt.of(most));
  }

  @Test
  void readsMechanismsInBothForms() {
    assertThat(offered("x", "AUTH plain LOGIN", "AUTH=PLAIN", "AUTH XOAUTH2").authMechanisms())
        .containsExactly("PLAIN", "LOGIN", "XOAUTH2");
    assertThat(offered("x").authMechanisms()).isEmpty();
  }

  @Test
  void ignoresWhatIsNoExtension() {
    assertThat(offered("x", "", "???", "DSN;x", "SIZE=5", "LIMITS RCPTMAX=0").keywords()).containsOnlyKeys("LIMITS");
  }

  @Test
  void withholdsParametersThatTheServerDoesNotKnow() {
    var all = new MailParameters(OptionalLong.of(5), BodyType.EIGHT_BIT_MIME, true, Optional.of(ReturnContent.HDRS),
        Optional.of("a=b"), MailOptions.NONE);
    assertThat(all.offeredBy(Capabilities.NONE)).isEqualTo(MailParameters.NONE);
    assertThat(all.offeredBy(offered("x", "SIZE", "8BITMIME", "SMTPUTF8", "DSN"))).isEqualTo(all);
    var rcpt = new RcptParameters(Optional.of(NotifyOn.NEVER), Optional.empty());
    assertThat(rcpt.offeredBy(Capabilities.NONE)).isEqualTo(RcptParameters.NONE);
    assertThat(rcpt.offeredBy(offered("x", "DSN"))).isEqualTo(rcpt);
  }

  @Test
  void writesTheCommandsOfAClient() {
    var mail = new MailParameters(OptionalLong.of(5), BodyType.EIGHT_BIT_MIME, true, Optional.of(ReturnContent.HDRS),
        Optional.of("a=b"), MailOptions.NONE);
    assertThat(CommandText.mail(ReversePath.of(Mailbox.of("\"a b\"@example.org")), mail))
        .isEqualTo("MAIL FROM:<\"a b\"@example.org> SIZE=5 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+3Db");
    assertThat(CommandText.mail(ReversePath.NULL, MailParameters.NONE)).isEqualTo("MAIL FROM:<>");
    var to = Mailbox.of("é+x@bücher.example");
    assertThat(CommandText.rcpt(new ForwardPath.To(to), new RcptParameters(
        Optional.of(NotifyOn.of(NotifyOn.Condition.DELAY, NotifyOn.Condition.SUCCESS)),
        Optional.of(OriginalRecipient.of(to)))))
        .isEqualTo("RCPT TO:<é+x@xn--bcher-kva.example> NOTIFY=SUCCESS,DELAY"
            + " ORCPT=utf-8;\\x{E9}\\x{2B}x@xn--bcher-kva.example");
    assertThat(CommandText.rcpt(new ForwardPath.Postmaster(), RcptParameters.NONE)).isEqualTo("RCPT TO:<postmaster>");
    assertThat(CommandText.bdat(10, false)).isEqualTo("BDAT 10");
    assertThat(CommandText.bdat(0, true)).isEqualTo("BDAT 0 LAST");
  }

  private static Capabilities offered(String... lines) {
    return Capabilities.of(new Reply(250, Optional.empty(), Arrays.asList(lines)));
  }
}
