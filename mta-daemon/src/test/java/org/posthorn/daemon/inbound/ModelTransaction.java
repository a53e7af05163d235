package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthorn.daemon.inbound.Trace.Protocol.Form;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.InMemorySpool;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.ForwardPath;

/** What a client has said of one message: all of it must be in the message that is stored, and nothing else. */
final class ModelTransaction {
  private final Command.Mail mail;
  private final boolean mayRelay;
  private final Map<String, Command.Rcpt> recipients = new LinkedHashMap<>();
  private final List<String> content = new ArrayList<>();
  private int accepted;
  private boolean isPoisoned;
  private boolean goesOn;

  /** Begins with {@code mail} of a client that is believed, or not. */
  ModelTransaction(Command.Mail mail, boolean mayRelay) {
    this.mail = mail;
    this.mayRelay = mayRelay;
  }

  Command.Mail mail() {
    return mail;
  }

  void add(Command.Rcpt rcpt, List<String> targets) {
    accepted++;
    targets.forEach(target -> recipients.putIfAbsent(target, rcpt));
  }

  int accepted() {
    return accepted;
  }

  boolean isBinary() {
    return mail.parameters().body() == BodyType.BINARY_MIME;
  }

  /** It will be refused, whatever still comes. */
  void poison() {
    isPoisoned = true;
  }

  boolean isPoisoned() {
    return isPoisoned;
  }

  /** It was begun in an earlier session, which has the recipients and the begin of the content. */
  void goOn() {
    goesOn = true;
  }

  boolean goesOn() {
    return goesOn;
  }

  void append(String more) {
    content.add(more);
  }

  String content() {
    return String.join("", content);
  }

  /** Returns how it comes, as {@code Received:} has it (RFC 3848, RFC 6531 §4.3). */
  String protocol(Hello hello, ModelClient client) {
    boolean isLmtp = hello.form() == Form.LMTP;
    var utf8 = isLmtp ? Form.UTF8LMTP : Form.UTF8SMTP;
    return new Trace.Protocol(mail.parameters().smtpUtf8() ? utf8 : hello.form(), client.isEncrypted(),
        client.login().isPresent()).toString();
  }

  /** Throws AssertionError unless {@code stored} is this message and no other, from {@code client}. */
  void assertIs(InMemorySpool.Stored stored, String client, String protocol) {
    var envelope = stored.message().envelope();
    var said = mail.parameters();
    var options = said.options();
    assertThat(envelope.from()).isEqualTo(mail.from());
    assertThat(envelope.client()).isEqualTo(client);
    assertThat(envelope.smtpUtf8()).isEqualTo(said.smtpUtf8());
    assertThat(envelope.dsn()).isEqualTo(new DsnRequest(said.ret(), said.envelopeId()));
    assertThat(envelope.body()).isIn(said.body(), BodyType.EIGHT_BIT_MIME);
    var handling = envelope.handling();
    assertThat(handling.deadline().map(by -> by.at()))
        .isEqualTo(options.deliverBy().map(by -> Inbound.NOW.plusSeconds(by.seconds())));
    assertThat(handling.release().map(release -> release.asked())).isEqualTo(options.release());
    assertThat(handling.tls() == TlsWish.REQUIRED).isEqualTo(options.requireTls());
    assertThat(handling.solicitations()).isEqualTo(options.solicitations());
    assertThat(handling.tracking().map(tracking -> tracking.certifier()))
        .isEqualTo(options.tracking().map(tracking -> tracking.certifier()));
    assertThat(handling.submitter()).isEqualTo(options.submitter().filter(_ -> mayRelay));
    if (!content().contains("MT-Priority:")) {
      assertThat(handling.priority().map(priority -> priority.value()))
          .isEqualTo(options.priority().map(priority -> Math.min(priority.value(), mayRelay ? 4 : 0)));
    }
    if (!goesOn) {
      assertRecipients(stored);
    }
    assertContent(stored.text(), protocol);
  }

  private void assertRecipients(InMemorySpool.Stored stored) {
    var got = stored.message().envelope().recipients();
    assertThat(got.stream().map(recipient -> recipient.address().toString())).containsExactlyElementsOf(
        recipients.keySet());
    got.stream().filter(recipient -> !recipient.isExpanded()).forEach(recipient -> {
      var said = Optional.ofNullable(recipients.get(recipient.address().toString())).orElseThrow();
      assertThat(recipient.notifyOn()).isEqualTo(said.parameters().notifyOn());
      if (said.to() instanceof ForwardPath.To(var mailbox) && mailbox.equals(recipient.address())) {
        assertThat(recipient.original()).isEqualTo(said.parameters().original());
      }
    });
  }

  private void assertContent(String text, String protocol) {
    assertThat(text).startsWith("Received: ").contains("(Posthorn) with " + protocol);
    boolean isComplete = isBinary() || content().isEmpty() || content().endsWith("\r\n");
    assertThat(text).endsWith(content() + (isComplete ? "" : "\r\n"));
    assertThat(text.substring(0, text.length() - content().length())).doesNotContain("body", "fetched", "evil", "x: y");
  }
}
