package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthorn.daemon.inbound.Trace.Protocol.Form;
import org.posthorn.queue.QueueId;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;

class TraceTest {
  private static final QueueId ID = new QueueId("0123456789abcdef");

  @Test
  void tellsWhatTheClientCallsItselfAndWhatTheDnsCallsIt() {
    var client = new Client(InetAddress.ofLiteral("2001:db8::7"), false);
    client.setName(Domain.of("real.example"));
    var trace = new Trace("called.example", client, new Trace.Protocol(Form.SMTP, false, false),
        Optional.of(new ForwardPath.To(Mailbox.of("\"a b\"@example.org"))), Optional.empty());
    assertThat(trace.receivedField(Domain.of("mx.example.org"), ID, Inbound.NOW))
        .isEqualTo("""
                   Received: from called.example (real.example [IPv6:2001:db8::7])
                   \tby mx.example.org (Posthorn) with SMTP id 0123456789abcdef
                   \tfor <"a b"@example.org>;
                   \tSun, 22 Nov 2026 07:30:00 +0000
                   """.replace("\n", "\r\n"));
    assertThat(client).hasToString("real.example[2001:db8::7]");
  }

  @Test
  void namesNobodyWhenThereAreSeveralRecipients() {
    var client = new Client(InetAddress.ofLiteral("192.0.2.7"), false);
    var trace = new Trace("x", client, new Trace.Protocol(Form.UTF8SMTP, false, false), Optional.empty(),
        Optional.empty());
    assertThat(trace.receivedField(Domain.of("mx.example.org"), ID, Inbound.NOW)).doesNotContain("for <")
        .contains("from x ([192.0.2.7])")
        .contains("with UTF8SMTP id")
        .endsWith(";\r\n\tSun, 22 Nov 2026 07:30:00 +0000\r\n");
  }

  @Test
  void foldsWhatAMessageSolicitsSoThatNoLineIsTooLong() {
    var keywords = Collections.nCopies(60, "net.example:ADV");
    var trace = new Trace("x", new Client(InetAddress.ofLiteral("192.0.2.7"), false),
        new Trace.Protocol(Form.ESMTP, false, false), Optional.empty(), Optional.empty(), keywords);
    var field = trace.receivedField(Domain.of("mx.example.org"), ID, Inbound.NOW);
    assertThat(field.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(110));
    assertThat(field.replace("\r\n\t", "")).contains("(SOLICIT=" + String.join(",", keywords) + ")");
    var monstrous = List.of("a", "b".repeat(998));
    assertThat(trace.with(monstrous).receivedField(Domain.of("mx.example.org"), ID, Inbound.NOW))
        .contains("(SOLICIT=a)");
  }
}
