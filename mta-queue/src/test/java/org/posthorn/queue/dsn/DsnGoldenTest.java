package org.posthorn.queue.dsn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.RemoteMta;
import org.posthorn.queue.Report.Action;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.ReturnContent;

/** Compares whole DSNs with the files in {@code golden}, which a person has read and found right. */
class DsnGoldenTest {
  private static final String MESSAGE = """
                                        From: Ann <ann@sender.example>
                                        To: bob@example.net
                                        Subject: Lunch on Friday
                                        Message-ID: <4711@sender.example>
                                        References: <4709@example.net> <4710@sender.example>
                                        Date: Sun, 22 Nov 2026 09:15:00 +0100

                                        Shall we?
                                        """;

  static Stream<Arguments> reports() {
    return Stream.of(
        arguments("unknown-user", new ReportBuilder().message(MESSAGE)
            .replied("bob", Action.FAILED, "5.1.1",
                "550 5.1.1 <bob@example.net>: Recipient address rejected: User unknown in virtual mailbox table")),

        arguments("with-dsn-parameters", new ReportBuilder().message(MESSAGE)
            .envelopeId("QQ 314159")
            .ret(ReturnContent.HDRS)
            .line(
                ReportBuilder.recipient("robert", "rfc822", "bob@example.org"), Action.FAILED, Diagnostic.ours("5.1.1",
                    "no such user here"))),

        arguments("expired", new ReportBuilder().message(MESSAGE)
            .age(Duration.ofDays(5))
            .ours("bob", Action.FAILED, "4.4.1",
                "no answer from mx.example.net[192.0.2.1:25]")),

        arguments("delayed", new ReportBuilder().message(MESSAGE)
            .age(Duration.ofHours(4))
            .replied("bob", Action.DELAYED, "4.2.2",
                "452 4.2.2 mailbox full")),

        arguments("delivered",
            new ReportBuilder().message(MESSAGE).ours("bob", Action.DELIVERED, "2.0.0", "delivered to maildir")),

        arguments("relayed",
            new ReportBuilder().message(MESSAGE).replied("bob", Action.RELAYED, "2.0.0", "250 2.0.0 Ok")),

        arguments("mixed", new ReportBuilder().message(MESSAGE)
            .replied("zoe", Action.DELIVERED, "2.0.0", "250 2.0.0 stored")
            .replied("bob", Action.FAILED, "5.2.2", "552 5.2.2 over quota")
            .replied("carl", Action.DELAYED, "4.7.1", "451 4.7.1 try again later")
            .replied("dora", Action.FAILED, "5.7.1",
                "554 5.7.1 Message rejected as spam: see https://example.net/spam")),

        arguments("utf8-addresses", new ReportBuilder().smtpUtf8()
            .from("änne")
            .message(MESSAGE.replace("Lunch on Friday", "Mittagessen für zwei"))
            .line(
                ReportBuilder.recipient("böb", "utf-8", "böb@example.net"), Action.FAILED,
                new Diagnostic(EnhancedStatus.of("5.1.1"), "550 5.1.1 böb gibt es nicht", true,
                    Optional.of(new RemoteMta("mx.example.net", "192.0.2.1:25"))))),

        arguments("utf8-recipient-ascii-sender", new ReportBuilder().smtpUtf8()
            .ret(ReturnContent.HDRS)
            .message(MESSAGE.replace("Lunch on Friday", "Mittagessen für zwei"))
            .ours("böb", Action.FAILED, "5.6.7", "the next hop does not speak SMTPUTF8")),

        arguments("expanded", new ReportBuilder().message(MESSAGE)
            .ours("team", Action.EXPANDED, "2.1.5", "went on to the addresses that this one stands for")),

        arguments("eight-bit",
            new ReportBuilder().message(MESSAGE + "Grüße\n").ours("bob", Action.FAILED, "5.1.2", "no such domain")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("reports")
  void looksAsItDid(String name, ReportBuilder report) throws Exception {
    RandomGenerator fixed = () -> 0x0123456789abcdefL;
    var dsn = new DsnComposer("mail.example.org", 1 << 20, fixed).compose(report.build());

    String text = new String(dsn.content(), StandardCharsets.UTF_8);
    assertThat(text.replace("\r\n", "\n").replace("\r", "CR")).isEqualTo(golden(name));
    assertThat(text.replace("\r\n", "")).doesNotContain("\n");
    assertThat(dsn.smtpUtf8()).isEqualTo(name.equals("utf8-addresses"));
    assertThat(dsn.body()).isEqualTo(Set.of("utf8-addresses", "eight-bit").contains(name)
        ? BodyType.EIGHT_BIT_MIME
        : BodyType.SEVEN_BIT);
  }

  private static String golden(String name) throws IOException {
    try (var file = DsnGoldenTest.class.getResourceAsStream("golden/" + name + ".eml")) {
      return file == null ? "no such file" : new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
