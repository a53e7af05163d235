package org.posthorn.queue.dsn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.Dsn;
import org.posthorn.queue.Handling;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.Report;
import org.posthorn.queue.Report.Action;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.dsn.BounceReader.Field;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.FutureRelease;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReturnContent;

class DsnComposerTest {
  private static final int LIMIT = 2000;

  private final DsnComposer composer = new DsnComposer("mail.example.org", LIMIT, new Random(1));

  @Test
  void repeatsWhatTheSenderAskedForAsToTime() {
    var asked = new Handling(
        Optional.of(new Handling.Deadline(ReportBuilder.QUEUED.plusSeconds(7200), DeliverBy.Mode.RETURN, false)),
        Optional.of(new Handling.Release(ReportBuilder.QUEUED.plusSeconds(3600),
            new FutureRelease.HoldFor(Duration.ofHours(1)))),
        Optional.empty(), Handling.TlsWish.USUAL, List.of(), Optional.empty(), Optional.empty());
    var report = new ReportBuilder().handling(asked).ours("b", Action.FAILED, "5.4.7", "too late").build();
    assertThat(new StatusPart(report, "mta.example").text()).contains("""
                                                                      Arrival-Date: Sun, 22 Nov 2026 08:15:30 +0000
                                                                      Deliver-By-Date: Sun, 22 Nov 2026 10:15:30 +0000
                                                                      Future-Release-Request: for;3600
                                                                      """.replace("\n", "\r\n"));
  }

  @Test
  void isAReportOfThreePartsFromTheMailSystemItself() {
    var dsn = read(compose(failed().message("Subject: x\nMessage-ID: <1@x.example>\n\nbody\n")));

    assertThat(dsn.type()).isEqualTo("multipart/report");
    assertThat(dsn.field("Content-Type")).get().asString().contains("report-type=delivery-status");
    assertThat(dsn.parts()).extracting(BounceReader::type)
        .containsExactly("text/plain", "message/delivery-status", "message/rfc822");
    assertThat(dsn.field("From")).hasValue("Mail delivery system <MAILER-DAEMON@mail.example.org>");
    assertThat(dsn.field("Auto-Submitted")).hasValue("auto-replied");
    assertThat(dsn.field("In-Reply-To")).hasValue("<1@x.example>");
    assertThat(dsn.field("References")).hasValue("<1@x.example>");
  }

  @Test
  void tellsProgramsOfEachRecipient() {
    var groups = read(compose(failed().replied("carl", Action.DELAYED, "4.2.2", "452 4.2.2 full").envelopeId("e 1")))
        .deliveryStatus();

    assertThat(groups).hasSize(3);
    assertThat(groups.get(0)).contains(new Field("Original-Envelope-Id", "e 1"),
        new Field("Reporting-MTA", "dns; mail.example.org"));
    assertThat(groups.get(1)).contains(new Field("Final-Recipient", "rfc822; bob@example.net"),
        new Field("Action", "failed"), new Field("Status", "5.1.1"), new Field("Remote-MTA", "dns; mx.example.net"),
        new Field("Diagnostic-Code", "smtp; 550 5.1.1 no such user"));
    assertThat(groups.get(2)).contains(new Field("Action", "delayed"),
        new Field("Will-Retry-Until", "Fri, 27 Nov 2026 08:15:30 +0000"));
  }

  @ParameterizedTest
  @CsvSource({"rfc822, b", "utf-8, ü"})
  void breaksNoAddressHoweverLong(String type, String letter) {
    var address = new Mailbox(letter.repeat(64), Domain.of(("d".repeat(60) + ".").repeat(4) + "net"));
    var report = new ReportBuilder()
        .line(Recipient.of(address), Action.FAILED, Diagnostic.ours("5.1.1", "no such user"))
        .build();

    assertThat(new StatusPart(report, "mta.example").text())
        .contains("Final-Recipient: " + type + ";\r\n " + address + "\r\n");
  }

  @Test
  void tellsOfAMessageWhoseEntryIsGone() {
    var report = failed().build();
    var gone = new MessageContent() {
      @Override
      public long size() {
        throw new SpoolException("gone");
      }

      @Override
      public InputStream open() throws IOException {
        throw new IOException("gone");
      }
    };

    var dsn = read(composer.compose(new Report(report.message(), gone, report.lines(), report.at())));
    assertThat(dsn.parts()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"550 no\r\nBcc: victim@example.com\r\n\r\nbody", "550 no\n\nFinal-Recipient: rfc822; x@y",
      "550 \u0085Action: delivered\u2028Status: 2.0.0", "550 \0\u0007\u001b[31m", "550 ünïcödé ☃", "550"})
  void neverLetsAPeerWriteFields(String reply) {
    var dsn = read(compose(new ReportBuilder().replied("bob", Action.FAILED, "5.1.1", reply)));

    assertThat(dsn.header()).extracting(Field::name)
        .containsExactly("From", "To", "Subject", "Date", "Message-ID",
            "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding");
    assertThat(dsn.deliveryStatus()).hasSize(2);
    assertThat(dsn.deliveryStatus().get(1)).extracting(Field::name)
        .containsExactly("Final-Recipient", "Action", "Status",
            "Remote-MTA", "Diagnostic-Code", "Last-Attempt-Date");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Subject: x\u0000y\u0007\n", "Subject: =?utf-8?Q?a=0D=0ABcc:_v@example.com?=\n",
      "Message-ID: <a@b>\u0000\n", "Message-ID: <a b@c>\n", "Message-ID: not an id\n", "References: <a\n",
      "Subject:\n"})
  void neverLetsTheMessageWriteFields(String field) {
    var dsn = read(compose(failed().message(field + "\nbody\n")));

    assertThat(dsn.header()).extracting(Field::name).doesNotContain("Bcc", "In-Reply-To", "References").hasSize(9);
  }

  @Test
  void keepsLinesShortWhateverItIsGiven() {
    String endless = "x".repeat(5000) + " " + "ü".repeat(3000);
    var dsn = compose(new ReportBuilder().replied("b".repeat(60), Action.FAILED, "5.0.0", "550 " + endless)
        .envelopeId("e".repeat(3000))
        .message("Subject: " + "☃".repeat(900) + "\nMessage-ID: <" + "i".repeat(200)
            + "@x>\nReferences:" + (" <" + "r".repeat(240) + "@x>").repeat(30) + "\n\n"));

    assertThat(text(dsn).split("\r\n")).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(998));
  }

  @ParameterizedTest
  @CsvSource({"FULL, FAILED, 100, message/rfc822", "FULL, FAILED, 3000, text/rfc822-headers",
      "HDRS, FAILED, 100, text/rfc822-headers", "FULL, DELAYED, 100, text/rfc822-headers",
      "FULL, DELIVERED, 100, text/rfc822-headers"})
  void returnsAsMuchAsWasAskedForAndFits(ReturnContent ret, Action action, int octets, String type) {
    var report = new ReportBuilder().replied("bob", action, action == Action.FAILED ? "5.0.0" : "4.0.0", "x")
        .ret(ret)
        .message("Subject: x\n\n" + "b".repeat(octets) + "\n");

    assertThat(read(compose(report)).parts().get(2).type()).isEqualTo(type);
  }

  @Test
  void cutsAnEndlessHeaderToWholeLines() {
    var dsn = read(compose(failed().message(("X-Filler: " + "y".repeat(80) + "\n").repeat(5000) + "\nbody\n")));

    var header = dsn.parts().get(2);
    assertThat(header.type()).isEqualTo("text/rfc822-headers");
    assertThat(header.body().length()).isBetween(60_000, 65_536);
    assertThat(header.body().strip().split("\n")).allSatisfy(line -> assertThat(line).matches("X-Filler: y{80}"));
  }

  @Test
  void returnsOnlyTheHeaderOfWhatIsNoSequenceOfLines() {
    String message = "Subject: x\n\n" + "long".repeat(300) + "\n";

    assertThat(read(compose(failed().message(message))).parts().get(2).type()).isEqualTo("text/rfc822-headers");
  }

  @Test
  void saysSoWhenTheMessageIsGone() {
    var dsn = read(compose(failed().message(ReportBuilder.unreadable())));

    assertThat(dsn.parts()).hasSize(2);
    assertThat(dsn.parts().get(0).decoded()).contains("The message is not attached.");
  }

  @Test
  void labelsEightBitContent() {
    var dsn = compose(failed().message(ReportBuilder.content("X: y\r\n\r\nGr\u00fc\u00dfe\r\n"
        .getBytes(StandardCharsets.ISO_8859_1))));

    assertThat(dsn.body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
    assertThat(read(dsn).field("Content-Transfer-Encoding")).hasValue("8bit");
    assertThat(read(dsn).parts().get(2).field("Content-Transfer-Encoding")).hasValue("8bit");
    assertThat(read(dsn).parts().get(2).body()).isEqualTo("X: y\n\nGr\u00fc\u00dfe\n");
  }

  @Test
  void encodesEightBitHeaders() {
    var dsn = compose(failed().ret(ReturnContent.HDRS)
        .message(ReportBuilder.content("Subject: Gr\u00fc\u00dfe\r\n\r\n"
            .getBytes(StandardCharsets.ISO_8859_1))));

    assertThat(dsn.body()).isEqualTo(BodyType.SEVEN_BIT);
    assertThat(read(dsn).parts().get(2).decoded().strip()).isEqualTo("Subject: Gr\u00fc\u00dfe");
    assertThat(read(dsn).field("Subject")).hasValue("Undelivered mail: Gr??e");
  }

  @Test
  void returnsAUtf8MessageEncodedWhereTheWayBackMayNotTakeIt() {
    String message = "Subject: Grüße\n\nGrüße\n";
    var toAscii = read(compose(failed().smtpUtf8().message(message)));
    var toUtf8 = compose(failed().smtpUtf8().from("änne").message(message));

    assertThat(toAscii.parts().get(2).field("Content-Transfer-Encoding")).hasValue("base64");
    assertThat(toUtf8.smtpUtf8()).isTrue();
    assertThat(read(toUtf8).parts().get(2).field("Content-Transfer-Encoding")).hasValue("8bit");
    for (var dsn : List.of(toAscii, read(toUtf8))) {
      assertThat(dsn.parts().get(2).type()).isEqualTo("message/global");
      assertThat(dsn.parts().get(2).decoded().replace("\r\n", "\n"))
          .isEqualTo(new String(message.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void survivesAMessageThatHoldsDelimitersLikeOurs() {
    String inner = text(compose(failed().message("Subject: x\n\n")));
    var dsn = read(compose(failed().message(inner.replace("\r\n", "\n"))));

    assertThat(dsn.parts()).hasSize(3);
    assertThat(BounceReader.read(dsn.parts().get(2).body()).parts()).hasSize(3);
  }

  @Test
  void reportsToPostmasterWhenThereIsNobodyElse() {
    assertThat(read(compose(failed().fromNobody())).field("To")).hasValue("postmaster@mail.example.org");
  }

  @Test
  void tellsHowLongItTried() {
    var report = new ReportBuilder().line(ReportBuilder.recipient("bob"), Action.FAILED,
        Diagnostic.ours("4.4.1", "connection refused")).age(Duration.ofDays(5));

    assertThat(read(compose(report)).parts().get(0).decoded()).contains("We tried for 5 days without success.");
  }

  @ParameterizedTest
  @CsvSource({"5.1.1, no mailbox", "5.1.2, no domain", "5.1.10, takes no mail", "5.2.2, is full", "5.3.4, larger",
      "4.4.1, could not be reached", "5.4.6, circle", "5.6.3, another form", "5.7.1, unwanted",
      "5.7.26, comes from you",
      "5.0.0, did not take"})
  void explainsEachKindOfFailureInPlainWords(String status, String words) {
    var text = read(compose(new ReportBuilder().replied("bob", Action.FAILED, status, "550 gibberish"))).parts()
        .get(0)
        .decoded()
        .replaceAll("\\s+", " ");

    assertThat(text).contains(words).contains("What you can do:").contains("550 gibberish");
  }

  private static ReportBuilder failed() {
    return new ReportBuilder().replied("bob", Action.FAILED, "5.1.1", "550 5.1.1 no such user");
  }

  private Dsn compose(ReportBuilder report) {
    return composer.compose(report.build());
  }

  private static BounceReader read(Dsn dsn) {
    return BounceReader.read(text(dsn));
  }

  private static String text(Dsn dsn) {
    return new String(dsn.content(), StandardCharsets.ISO_8859_1);
  }
}
