package org.posthorn.daemon.inbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.inbound.RelayPolicy.Decision;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.MailOptions;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Reply;

/** What one client's mail needs to be taken: its size, its sender, its recipients, and how much there was before. */
final class Admission {
  private final Client client;
  private final InboundRules rules;
  private final Allowance allowance;
  private final Consent consent;

  Admission(Client client, InboundRules rules, Quotas quotas) {
    this.client = client;
    this.rules = rules;
    this.allowance = new Allowance(client, rules.settings(), quotas);
    this.consent = new Consent(rules.settings());
  }

  /** Returns lines of the answer to EHLO. */
  List<String> keywords() {
    return consent.keywords();
  }

  /** Returns who a message counts for that is to be sent on later. */
  String account() {
    return allowance.account();
  }

  /** Says why there is no room to keep a message until it is to be sent on. Waits for the index of the queue. */
  Optional<Reply> refusalToHold(Command.Mail mail) {
    return allowance.refusalToHold(mail.parameters().size().orElse(0));
  }

  /** Returns what is kept of what MAIL asks for. */
  Handling granted(MailOptions asked) {
    var plain = Handling.PLAIN;
    return new Handling(plain.deadline(), plain.release(), plain.priority(), plain.tls(), asked.solicitations(),
        consent.granted(asked), plain.submitter());
  }

  /** Says why a message that begins so is not taken. */
  Optional<Reply> refusal(Command.Mail mail) {
    if (mail.parameters().size().orElse(0) > rules.settings().message().bytes()) {
      return Optional.of(ServerReplies.MESSAGE_TOO_BIG); // RFC 1870 §6.1
    }
    return submission().flatMap(submission -> submission.refusal(mail.from()))
        .or(() -> consent.refusal(mail.parameters().options()))
        .or(() -> allowance.refusal(List::of));
  }

  /** Decides on a recipient beyond those of {@code transaction}. */
  Decision decide(Command.Rcpt rcpt, Transaction transaction) {
    if (!transaction.smtpUtf8() && needsSmtpUtf8(rcpt.to())) {
      return new Decision.Refuse(ServerReplies.NEEDS_SMTPUTF8); // RFC 6531 §3.5
    }
    var decision = submission().flatMap(submission -> submission.refusal(rcpt.to()))
        .<Decision>map(Decision.Refuse::new)
        .orElseGet(() -> rules.policy().decide(client.mayRelay(), rcpt.to(), rcpt.parameters()));
    return switch (decision) {
      case Decision.Accept(var more) -> consent
          .refusal(rcpt, rules.policy().here(rcpt.to()), more, transaction.solicitations())
          .or(() -> allowance.refusal(() -> all(transaction, more)))
          .<Decision>map(Decision.Refuse::new)
          .orElse(decision);
      case Decision.Refuse _ -> decision;
    };
  }

  /** Adds {@code known} to {@code transaction}, or none of them when one is not taken any more. */
  boolean readmit(List<Command.Rcpt> known, Transaction transaction) {
    var decisions = known.stream().map(rcpt -> decide(rcpt, transaction)).toList();
    for (int i = 0; i < known.size(); i++) {
      if (decisions.get(i) instanceof Decision.Refuse) {
        return false;
      }
    }
    for (int i = 0; i < known.size(); i++) {
      if (decisions.get(i) instanceof Decision.Accept(var targets)) {
        transaction.add(known.get(i), targets);
      }
    }
    return true;
  }

  /** Whether {@code transaction} can have {@code targets} more recipients. */
  boolean hasRoom(Transaction transaction, int targets) {
    int limit = rules.settings().message().recipients();
    return transaction.accepted() < limit
        && transaction.recipients() + targets <= Math.max(AddressBook.MAX_TARGETS, limit);
  }

  /** Ends {@code message}, which counts when it is taken. Blocks for the disk. */
  Reply finish(IncomingMessage message) {
    if (message.refusal().isPresent() || message.submission().envelope().handling().release().isEmpty()) {
      return charge(message);
    }
    try (var room = allowance.roomToHold(message.size())) {
      room.exceeded().map(Allowance::noRoom).ifPresent(message::refuse); // RFC 4865 §6 (3): what MAIL did not tell
      Reply reply = charge(message);
      if (reply.isPositive()) {
        message.id().ifPresent(room::taken);
      }
      return reply;
    }
  }

  private Reply charge(IncomingMessage message) {
    if (message.refusal().isPresent()) {
      return message.finish();
    }
    var recipients = message.submission().envelope().recipients().stream().map(Recipient::address).toList();
    try (var charge = allowance.charge(recipients)) { // whatever goes wrong, only what is taken counts
      charge.exceeded().map(allowance::reply).ifPresent(message::refuse);
      Reply reply = message.finish();
      if (reply.isPositive()) {
        charge.taken();
      }
      return reply;
    }
  }

  private Optional<SubmissionRules> submission() {
    return SubmissionRules.of(client, rules.settings());
  }

  private static List<Mailbox> all(Transaction transaction, List<Recipient> more) {
    var all = new ArrayList<>(transaction.addresses());
    more.forEach(recipient -> all.add(recipient.address()));
    return all;
  }

  private static boolean needsSmtpUtf8(ForwardPath to) {
    return to instanceof ForwardPath.To(var mailbox) && mailbox.needsSmtpUtf8();
  }
}
