package org.posthorn.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Whatever a peer writes, the parsers keep their promises. */
class ParserFuzzTest {
  @FuzzTest
  void commandsNeverThrowAndSurviveBeingWrittenAgain(byte[] input) {
    switch (CommandParser.parse(new String(input, UTF_8))) {
      case Command.Mail mail -> {
        String written = CommandText.mail(mail.from(), mail.parameters());
        assertOneLine(written);
        assertThat(CommandParser.parse(written))
            .isEqualTo(new Command.Mail(mail.from(), toldOnward(mail.parameters())));
      }
      case Command.Rcpt rcpt -> {
        String written = CommandText.rcpt(rcpt.to(), rcpt.parameters());
        assertOneLine(written);
        assertThat(CommandParser.parse(written)).isEqualTo(rcpt);
      }
      case Command.Helo(var name) -> assertOneLine(name);
      case Command.Ehlo(var name) -> assertOneLine(name);
      case Command.Lhlo(var name) -> assertOneLine(name);
      case Command.Xclient(var said) ->
        said.given().values().forEach(value -> value.ifPresent(ParserFuzzTest::assertOneLine));
      case Command.Xforward(var said) ->
        said.given().values().forEach(value -> value.ifPresent(ParserFuzzTest::assertOneLine));
      case Command.Unusable(var reply) -> assertWire(reply);
      case Command.UnreadableChunk(var reply) -> assertWire(reply);
      case Command.Bdat bdat -> assertThat(bdat.octets()).isNotNegative();
      case Command.Burl(var url, var _) -> assertOneLine(url);
      case Command.Etrn(var node) -> assertOneLine(node.toString());
      case Command.Atrn(var domains) -> domains.forEach(domain -> assertOneLine(domain.name()));
      case Command.Data _,Command.Rset _,Command.Noop _,Command.Quit _,Command.Vrfy _,Command.Expn _,Command.Help _,Command.StartTls _,Command.Auth _ -> {
        // nothing to get wrong
      }
    }
  }

  @FuzzTest
  void addressesReadWhatTheyWrite(byte[] input) {
    Mailbox.parse(new String(input, UTF_8)).ifPresent(mailbox -> {
      assertOneLine(mailbox.toString());
      assertThat(Mailbox.parse(mailbox.toString())).hasValue(mailbox);
      if (mailbox.host() instanceof Domain domain) {
        assertThat(Domain.parse(domain.toUnicode())).hasValue(domain);
      }
    });
  }

  @FuzzTest
  void repliesAreBoundedAndHarmless(byte[] input) throws IOException {
    var reader = new ReplyReader(new ByteArrayInputStream(input));
    try {
      while (true) {
        Reply reply = reader.read();
        assertThat(reply.lines()).hasSizeLessThanOrEqualTo(128)
            .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(512)
                .doesNotContainPattern("[\\x00-\\x1f\\x7f-\\x9f]"));
        assertWire(reply);
        Capabilities capabilities = Capabilities.of(reply);
        assertThat(capabilities.maxSize().orElse(1)).isPositive();
        assertThat(capabilities.authMechanisms()).doesNotContain("");
      }
    } catch (ReplyException | EOFException _) {
      // the only ways for it to end
    }
  }

  @FuzzTest
  void xtextDecodesToPrintableTextAndBack(byte[] input) {
    String text = new String(input, UTF_8);
    Xtext.decode(text).ifPresent(decoded -> {
      assertThat(decoded).matches("[ -~]*");
      assertThat(Xtext.decode(Xtext.encode(decoded))).hasValue(decoded);
    });
    OriginalRecipient.parse(text).ifPresent(original -> {
      assertOneLine(original.toString());
      assertThat(original.address()).doesNotContainPattern("[\\x00-\\x1f\\x7f-\\x9f]");
    });
  }

  /** Returns these without what is for the server alone to which it was said. */
  private static MailParameters toldOnward(MailParameters said) {
    var options = said.options();
    return new MailParameters(said.size(), said.body(), said.smtpUtf8(), said.ret(), said.envelopeId(),
        new MailOptions(options.deliverBy(), Optional.empty(), options.priority(), options.requireTls(),
            options.solicitations(), options.tracking(), Optional.empty()));
  }

  private static void assertWire(Reply reply) {
    List<String> lines = List.of(reply.toWire().split("\r\n", -1));
    assertThat(lines).hasSize(reply.lines().size() + 1)
        .allSatisfy(line -> assertThat(line).matches("[ -~]*"))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(510));
  }

  private static void assertOneLine(String text) {
    assertThat(text).doesNotContainPattern("[\\x00-\\x1f\\x7f-\\x9f]");
  }
}
