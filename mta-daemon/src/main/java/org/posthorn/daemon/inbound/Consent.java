package org.posthorn.daemon.inbound;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Recipient.OwnerFields;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.FieldCapture;
import org.posthorn.smtp.MailOptions;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.OwnerField;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.Solicitation;
import org.posthorn.smtp.Tracking;
import org.posthorn.smtp.ValidSince;

/**
 * What the people here have to do with a message before it is theirs: solicitations that they do not want (NO-SOLICITING,
 * RFC 3865), and whether an address still belongs to whom the sender means (RRVS, RFC 7293); and MTRK, by which senders ask
 * what became of it (RFC 3885). Immutable.
 */
final class Consent {
  private static final Set<String> FIELDS = Set.of("solicitation", OwnerField.NAME);
  private static final int MAX_FIELD_OCTETS = 8 * 1024;
  /** RFC 2142: mail to these is for whoever holds the office now (RFC 7293 §5.1). */
  private static final Set<String> ROLES = Set.of("info", "marketing", "sales", "support", "abuse", "noc", "security",
      "postmaster", "mailer-daemon", "hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp");

  private final ConsentSettings settings;
  private final LocalSettings local;

  Consent(InboundSettings inbound) {
    settings = inbound.extensions().consent();
    local = inbound.local();
  }

  /** Returns the lines of the answer to EHLO. */
  List<String> keywords() {
    var keywords = new ArrayList<String>(3);
    keywords.add(settings.unwanted().isEmpty()
        ? "NO-SOLICITING" // it is passed on (RFC 3865 §2.2)
        : "NO-SOLICITING " + String.join(",", settings.unwanted()));
    if (offersRrvs()) {
      keywords.add("RRVS");
    }
    if (settings.isTracking()) {
      keywords.add("MTRK");
    }
    return keywords;
  }

  private boolean offersRrvs() {
    return settings.owners().isPresent() || local.domains().isEmpty();
  }

  /** Says why a message that is begun so is not taken. */
  Optional<Reply> refusal(MailOptions asked) {
    if (asked.tracking().isPresent() && !settings.isTracking()) {
      return Optional.of(ServerReplies.NO_TRACKING);
    }
    return unwanted(asked.solicitations(), settings.unwanted());
  }

  /** Returns how the message is tracked: for as long as the sender asks and the settings allow (RFC 3885 §3.1). */
  Optional<Tracking> granted(MailOptions asked) {
    return asked.tracking()
        .map(tracking -> new Tracking(tracking.certifier(), Optional.of(shorter(tracking.timeout()))));
  }

  private Duration shorter(Optional<Duration> asked) {
    return asked.filter(time -> time.compareTo(settings.tracking()) < 0).orElse(settings.tracking());
  }

  /**
   * Says why a recipient, whose mail goes to {@code targets}, does not want a message with {@code solicitations}.
   *
   * @param here the recipient, when it is in one of our domains
   */
  Optional<Reply> refusal(Command.Rcpt rcpt, Optional<Mailbox> here, List<Recipient> targets,
      List<String> solicitations) {
    var since = rcpt.parameters().validSince();
    if (since.isPresent() && !offersRrvs()) {
      return Optional.of(ServerReplies.NO_RRVS);
    }
    return since.flatMap(valid -> here.flatMap(mailbox -> disowned(mailbox, valid.time())))
        .or(() -> Stream.concat(here.stream(), targets.stream().map(Recipient::address))
            .flatMap(mailbox -> unwanted(mailbox, solicitations).stream())
            .findFirst());
  }

  /** Returns what keeps the fields of the header that matter here. */
  static FieldCapture fields() {
    return new FieldCapture(FIELDS, MAX_FIELD_OCTETS);
  }

  /** Returns the keywords of {@code Solicitation:} (RFC 3865 §2.5); none when there are none, or what there is makes no sense. */
  static List<String> solicitations(FieldCapture header) {
    return header.values("solicitation")
        .stream()
        .flatMap(text -> Solicitation.parse(text).stream())
        .findFirst()
        .orElse(List.of());
  }

  /** Says why a message with this header is not taken by all its recipients, and so by none. */
  Optional<Reply> refusal(FieldCapture header, Envelope envelope) {
    var solicitations = solicitations(header);
    return unwanted(solicitations, settings.unwanted())
        .or(() -> envelope.recipients()
            .stream()
            .flatMap(recipient -> unwanted(recipient.address(), solicitations).stream())
            .findFirst())
        .or(() -> owners(header).stream().flatMap(field -> disowned(field, envelope).stream()).findFirst());
  }

  /**
   * Returns {@code envelope} with what its header says about the owners of the addresses: what was for us has been heeded by
   * {@link #refusal}, and what is for others they are to hear by RRVS, if they have it (RFC 7293 §5.2, §6.1).
   */
  Envelope owned(FieldCapture header, Envelope envelope) {
    return header.values(OwnerField.NAME).isEmpty() || !offersRrvs()
        ? envelope
        : envelope.with(envelope.recipients().stream().map(one -> owned(one, owners(header))).toList());
  }

  private Recipient owned(Recipient recipient, List<OwnerField> fields) {
    if (isHere(recipient.address())) {
      return recipient.with(OwnerFields.HEEDED, recipient.validSince());
    }
    return fields.stream()
        .filter(field -> recipient.isMeantBy(field.mailbox()))
        .findFirst()
        .map(field -> isHere(field.mailbox()) // behind an alias the promise ends (RFC 7293 §8.2)
            ? recipient.with(OwnerFields.HEEDED, recipient.validSince())
            : recipient.with(OwnerFields.FOR_NEXT_HOP, recipient.validSince()
                .or(() -> Optional.of(new ValidSince(field.time(), Optional.of(ValidSince.Without.CONTINUE))))))
        .orElse(recipient);
  }

  private boolean isHere(Mailbox mailbox) {
    return mailbox.host() instanceof Domain domain && local.domains().contains(domain);
  }

  /** RFC 7293 §5.2: what is malformed is as if it were not there. */
  private static List<OwnerField> owners(FieldCapture header) {
    return header.values(OwnerField.NAME).stream().flatMap(text -> OwnerField.parse(text).stream()).toList();
  }

  private Optional<Reply> unwanted(Mailbox mailbox, List<String> solicitations) {
    return solicitations.isEmpty() || !(mailbox.host() instanceof Domain domain) || !isHere(mailbox)
        ? Optional.empty()
        : settings.owners()
            .flatMap(owners -> unwanted(solicitations, owners.unwanted(name(mailbox), domain)));
  }

  private static Optional<Reply> unwanted(List<String> solicitations, List<String> unwanted) {
    var matches = Solicitation.matches(solicitations, unwanted);
    return matches.isEmpty() ? Optional.empty() : Optional.of(ServerReplies.notSolicited(matches));
  }

  /** RFC 7293 §5.2: what speaks of nobody that the message is for is as if it were not there; what RCPT says counts more. */
  private Optional<Reply> disowned(OwnerField field, Envelope envelope) {
    return offersRrvs() && isHere(field.mailbox()) && envelope.recipients()
        .stream()
        .anyMatch(recipient -> recipient.validSince().isEmpty() && recipient.isMeantBy(field.mailbox()))
            ? disowned(field.mailbox(), field.time())
            : Optional.empty();
  }

  /** Says why {@code mailbox}, in one of our domains, is not for whom owned it at {@code time}. */
  private Optional<Reply> disowned(Mailbox mailbox, Instant time) {
    if (settings.owners().isEmpty() || !(mailbox.host() instanceof Domain domain)
        || ROLES.contains(mailbox.localPart().toLowerCase(Locale.ROOT))) {
      return Optional.empty();
    }
    var owners = settings.owners().get();
    if (owners.since(domain).filter(since -> since.isAfter(time)).isPresent()) {
      return Optional.of(ServerReplies.DOMAIN_OWNER_CHANGED);
    }
    return owners.since(name(mailbox), domain)
        .map(since -> since.isAfter(time) ? Optional.of(ServerReplies.OWNER_CHANGED) : Optional.<Reply>empty())
        .orElse(Optional.of(ServerReplies.OWNER_UNKNOWN));
  }

  /** What is behind {@code +} does not change whose an address is. */
  private String name(Mailbox mailbox) {
    int divider = local.delimiter().map(mailbox.localPart()::indexOf).orElse(-1);
    return divider > 0 ? mailbox.localPart().substring(0, divider) : mailbox.localPart();
  }
}
