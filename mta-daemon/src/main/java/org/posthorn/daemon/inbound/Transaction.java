package org.posthorn.daemon.inbound;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.Trace.Protocol.Form;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.NotifyOn;
import org.posthorn.smtp.OriginalRecipient;
import org.posthorn.smtp.ReversePath;

/** What MAIL and RCPT have said so far (RFC 5321 §3.3). An address that several of them lead to gets the message once. */
final class Transaction {
  private final Command.Mail mail;
  private final Map<Mailbox, Recipient> recipients = new LinkedHashMap<>();
  private final List<Recipient> expanded = new ArrayList<>(0);
  private Optional<ForwardPath> onlyRecipient = Optional.empty();
  private final Handling handling;
  private int accepted;

  /** Begins with {@code mail}; {@code handling} is what was granted of what it asks for. */
  Transaction(Command.Mail mail, Handling handling) {
    this.mail = mail;
    this.handling = handling;
  }

  /** Adds what one accepted RCPT leads to. */
  void add(Command.Rcpt rcpt, List<Recipient> targets) {
    accepted++;
    onlyRecipient = accepted == 1 ? Optional.of(rcpt.to()) : Optional.empty();
    targets.forEach(target -> recipients.putIfAbsent(target.address(), target));
    if (targets.size() > 1 && rcpt.parameters()
        .notifyOn()
        .filter(on -> on.conditions().contains(NotifyOn.Condition.SUCCESS))
        .isPresent()) {
      expanded.add(alias(rcpt, targets.getFirst()));
    }
  }

  ReversePath from() {
    return mail.from();
  }

  /** Returns how many RCPTs were accepted. */
  int accepted() {
    return accepted;
  }

  /** Returns how many addresses they lead to. */
  int recipients() {
    return recipients.size();
  }

  /** Returns the addresses that they lead to. */
  Set<Mailbox> addresses() {
    return recipients.keySet();
  }

  /** Whether the content need not be lines. */
  boolean isBinary() {
    return mail.parameters().body() == BodyType.BINARY_MIME;
  }

  /** Returns what MAIL says that the message solicits. */
  List<String> solicitations() {
    return handling.solicitations();
  }

  boolean smtpUtf8() {
    return mail.parameters().smtpUtf8();
  }

  /** Returns the message that this envelope begins on a listener of that kind. */
  Submission submission(Hello hello, Client client, Kind listener) {
    var parameters = mail.parameters();
    var envelope = new Envelope(mail.from(), List.copyOf(recipients.values()), parameters.body(), parameters.smtpUtf8(),
        new DsnRequest(parameters.ret(), parameters.envelopeId()), client.toString(), handling);
    return new Submission(envelope, new Trace(hello.name(), client, protocol(hello, client), onlyRecipient,
        parameters.options().priority()), expanded, listener, hello.form() == Form.LMTP ? accepted : 1);
  }

  private Trace.Protocol protocol(Hello hello, Client client) {
    return new Trace.Protocol(smtpUtf8() ? utf8(hello.form()) : hello.form(), client.isEncrypted(),
        client.identity().isPresent());
  }

  private static Form utf8(Form form) {
    return switch (form) {
      case SMTP, ESMTP, UTF8SMTP -> Form.UTF8SMTP;
      case LMTP, UTF8LMTP -> Form.UTF8LMTP;
    };
  }

  /** The address as the sender wrote it; a bare postmaster is in the domain of what it leads to. */
  private static Recipient alias(Command.Rcpt rcpt, Recipient target) {
    Mailbox address = switch (rcpt.to()) {
      case ForwardPath.To(var mailbox) -> mailbox;
      case ForwardPath.Postmaster _ -> new Mailbox("postmaster", target.address().host());
    };
    Optional<OriginalRecipient> original = rcpt.parameters().original();
    return new Recipient(address, rcpt.parameters().notifyOn(), original);
  }
}
