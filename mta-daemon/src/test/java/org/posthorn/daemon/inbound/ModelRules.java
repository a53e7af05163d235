package org.posthorn.daemon.inbound;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ValidSince;

/** What is taken on a {@link FuzzedListener} and what is not, told a second time. An objection is a pattern of its reply. */
final class ModelRules {
  private static final int MAX_OCTETS = 65_536;
  private static final Duration LONGEST = Duration.ofDays(30);
  private static final Instant ALICE_SINCE = Instant.parse("2019-04-01T00:00:00Z");
  private static final Set<String> FOR_ANYBODY = Set.of("relayed.example", "idle.example", "example.com",
      "visited.example");
  private static final Set<String> PLAIN_TEXT = Set.of("PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2");

  private ModelRules() {}

  /** Returns what speaks against a login after EHLO. */
  static Optional<String> objection(Command.Auth auth, ModelClient client) {
    if (client.login().isPresent()) {
      return Optional.of("503 5.5.1 You have.*");
    }
    if (FuzzedListener.MECHANISMS.stream().noneMatch(one -> one.saslName().equals(auth.mechanism()))) {
      return Optional.of("504 5.5.4 .*");
    }
    if (!client.isEncrypted() && PLAIN_TEXT.contains(auth.mechanism())) {
      return Optional.of("538 5.7.11 .*");
    }
    return client.hasAuth() ? Optional.empty() : Optional.of("530 5.7.0 Send STARTTLS.*");
  }

  /** Returns all that speaks against a message that begins so. */
  static List<String> objections(Command.Mail mail, Terms terms, boolean isEncrypted, Optional<String> login) {
    var options = mail.parameters().options();
    var found = new ArrayList<String>();
    add(found, mail.parameters().size().orElse(0) > MAX_OCTETS, "552 5.3.4 .*");
    add(found, login.isPresent() && !mail.from().mailbox().stream().allMatch(from -> isOwn(from, login.get())),
        "553 5.7.1 .*|554 5.1.8 .*");
    add(found, options.solicitations().contains("net.example:ADV"), "550 5.7.1 .*");
    add(found, options.requireTls() && !isEncrypted, "530 5.7.10 .*");
    boolean mayHold = terms.kind() == Kind.SUBMISSION || terms.kind() == Kind.SUBMISSIONS;
    add(found, options.release().isPresent() && !mayHold, "555 5.5.4 HOLDFOR.*");
    options.release().map(release -> release.from(Inbound.NOW)).ifPresent(at -> {
      boolean isLate = !at.isAfter(Inbound.NOW) || at.isAfter(Inbound.NOW.plus(LONGEST))
          || options.deliverBy().filter(by -> at.isAfter(Inbound.NOW.plusSeconds(by.seconds()))).isPresent();
      add(found, mayHold && isLate, "501 5.5.4 .*");
    });
    add(found, options.transactionId().isPresent() && terms.isLmtp(), "555 5.5.4 TRANSID.*");
    return found;
  }

  /** Returns all that speaks against one more recipient of what {@code mail} has begun. */
  static List<String> objections(Command.Rcpt rcpt, Command.Mail mail, ModelClient client) {
    var found = new ArrayList<String>();
    if (!(rcpt.to() instanceof ForwardPath.To(var mailbox))) {
      return found;
    }
    var here = Optional.ofNullable(Speech.HERE.get(mailbox.toString()));
    boolean isForAnybody = mailbox.host() instanceof Domain domain && FOR_ANYBODY.contains(domain.name());
    add(found, mailbox.needsSmtpUtf8() && !mail.parameters().smtpUtf8(), "553 5.6.7 .*");
    add(found, client.login().isPresent() && mailbox.host().toString().equals("nodomain"), "554 5.1.2 .*");
    add(found, here.filter(List::isEmpty).isPresent(), "550 5.1.1 .*");
    add(found, here.isEmpty() && !client.mayRelay() && !isForAnybody, "550 5.7.1 .*");
    add(found, here.isPresent() && rcpt.parameters()
        .validSince()
        .map(ValidSince::time)
        .filter(time -> !mailbox.localPart().startsWith("alice") || ALICE_SINCE.isAfter(time))
        .isPresent(), "550 5.7.1[79] .*");
    add(found, mail.parameters().options().solicitations().contains("net.example:BOB")
        && targets(rcpt).stream().anyMatch(target -> target.startsWith("bob@")), "550 5.7.1 .*");
    return found;
  }

  /** Returns where the mail for a recipient goes. */
  static List<String> targets(Command.Rcpt rcpt) {
    return switch (rcpt.to()) {
      case ForwardPath.Postmaster _ -> List.of("alice@example.org");
      case ForwardPath.To(var mailbox) -> Speech.HERE.getOrDefault(mailbox.toString(), List.of(mailbox.toString()));
    };
  }

  /** Whether nothing speaks against a message that has come whole. */
  static boolean isGood(ModelTransaction ended, Optional<String> login) {
    return !ended.goesOn() && !ended.isPoisoned() && Speech.GOOD.contains(ended.content())
        && login.filter(who -> !who.equals("alice@example.org")).isEmpty();
  }

  /** Whether a message that has come whole must not be taken. */
  static boolean isRefused(ModelTransaction ended, Optional<String> login) {
    var content = ended.content();
    var lines = content.replace("\r\n", "");
    boolean isBare = lines.indexOf('\r') >= 0 || lines.indexOf('\n') >= 0;
    boolean isForeign = login.isPresent()
        && !(login.get().equals("alice@example.org") && content.contains("From: alice@example.org\r\n"));
    return !ended.goesOn() && (ended.isPoisoned() || content.length() > MAX_OCTETS || (isBare && !ended.isBinary())
        || isForeign || content.startsWith("Solicitation: net.example:ADV"));
  }

  private static boolean isOwn(Mailbox from, String login) {
    var plain = from.localPart().split("\\+", 2)[0] + "@" + from.host();
    return login.equals("bob") ? Set.of("bob@example.org", "bob@example.net").contains(plain) : plain.equals(login);
  }

  private static void add(List<String> found, boolean isSo, String objection) {
    if (isSo) {
      found.add(objection);
    }
  }
}
