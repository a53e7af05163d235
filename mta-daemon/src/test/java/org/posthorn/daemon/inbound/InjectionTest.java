package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.queue.InMemorySpool;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.Report;
import org.posthorn.queue.dsn.DsnComposer;

/** Nothing that a client says becomes a header field of its own, in the message, in a reply or in a DSN about it. */
class InjectionTest {
  private static final List<String> LINE_ENDS = List.of("", "\r\n", "\n", "\r", "+0D+0A", "+0a", "\\x{0D}\\x{0A}",
      "%0d%0a",
      "\u00c2\u0085", "\u00e2\u0080\u00a8", "\0", "\u001b[2J", "\u000b");
  private static final String LINE = "[\\r\\n\\u0085\\u2028\\u2029\\u000b\\u000c]+";

  private final Inbound inbound = new Inbound();
  private final BurlSettings.Place nowhere = new BurlSettings.Place("127.0.0.1", 1);

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"EHLO %s", "XCLIENT NAME=%s", "XCLIENT HELO=%s", "XCLIENT LOGIN=%s", "XCLIENT ADDR=%s",
      "XCLIENT PROTO=%s", "XFORWARD NAME=%s", "XFORWARD HELO=%s", "XFORWARD IDENT=%s", "XFORWARD ADDR=%s",
      "MAIL FROM:<s@%s>", "MAIL FROM:<\"%s\"@x.example>", "MAIL FROM:<s@x.example> ENVID=%s",
      "MAIL FROM:<s@x.example> AUTH=%s@x.example", "MAIL FROM:<s@x.example> SOLICIT=%s",
      "MAIL FROM:<s@x.example> ENVID=%s@x.example MTRK=YWJjZGVmZ2hpamtsbW5vcHFyc3Q",
      "MAIL FROM:<s@x.example> TRANSID=<%s@x.example>", "MAIL FROM:<s@x.example> SMTPUTF8 RET=HDRS ENVID=%s",
      "RCPT TO:<\"%s\"@elsewhere.example>", "RCPT TO:<x@%s>", "RCPT TO:<x@elsewhere.example> ORCPT=rfc822;%s",
      "RCPT TO:<x@elsewhere.example> ORCPT=utf-8;%s", "RCPT TO:<x@elsewhere.example> ORCPT=%s;x",
      "RCPT TO:<x@elsewhere.example> RRVS=%s", "RCPT TO:<x@elsewhere.example> NOTIFY=%s"})
  void nothingBecomesAField(String place) {
    for (var lineEnd : LINE_ENDS) {
      for (var mark : lineEnd.isEmpty()
          ? List.of("")
          : List.of("X-Injected:yes", "X-Injected:+20yes", " X-Injected: yes")) {
        say(place.formatted("a.example" + lineEnd + mark) + "\r\n");
      }
    }
    assertThat(inbound.spool.messages()).isNotEmpty().allSatisfy(stored -> {
      assertClean(stored.text());
      assertClean(new String(report(stored), StandardCharsets.UTF_8));
      assertThat(stored.message().envelope().toString()).matches("[^\\p{Cntrl}\u0085\u2028]*");
    });
  }

  private void say(String said) {
    var session = new SpokenSession(inbound, FuzzedListener.settings(nowhere, true), "192.0.2.200", Terms.of(Kind.MX));
    Heard.all(session.wire("EHLO client.example\r\n"));
    if (said.startsWith("RCPT")) {
      Heard.all(session.wire("MAIL FROM:<s@x.example>\r\n"));
    }
    Heard.all(session.wire(said));
    if (said.startsWith("X")) {
      Heard.all(session.wire("EHLO client.example\r\n"));
    }
    for (var line : List.of("MAIL FROM:<s@x.example>", "RCPT TO:<alice@example.org>", "DATA",
        "From: alice@example.org", "", "x", ".")) {
      Heard.all(session.wire(line + "\r\n"));
    }
    session.session().close();
  }

  private static void assertClean(String text) {
    assertThat(text.split(LINE)).noneMatch(line -> line.strip().startsWith("X-Injected"));
    assertThat(text).doesNotContain("\0", "\u001b", "\u000b");
  }

  private static byte[] report(InMemorySpool.Stored stored) {
    var lines = IntStream.range(0, stored.message().envelope().recipients().size())
        .mapToObj(i -> new Report.Line(new RecipientNumber(i), Report.Action.FAILED, Diagnostic.ours("5.1.1", "x"),
            Optional.empty(), Optional.empty()))
        .toList();
    return new DsnComposer("mx.example.org", 10_000, new Random(1))
        .compose(new Report(stored.message(), new MessageContent() {
          @Override
          public long size() {
            return stored.octets().length;
          }

          @Override
          public InputStream open() {
            return new ByteArrayInputStream(stored.octets());
          }
        }, lines, Inbound.NOW))
        .content();
  }
}
