package org.posthorn.daemon.inbound;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.FutureRelease;
import org.posthorn.smtp.MailOptions;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.Reply;

/**
 * What one client may ask for as to when and how its messages go: DELIVERBY (RFC 2852), FUTURERELEASE (RFC 4865), MT-PRIORITY
 * (RFC 6710), REQUIRETLS (RFC 8689).
 */
final class Wishes {
  private final Client client;
  private final Terms terms;
  private final HandlingSettings settings;

  Wishes(Client client, Terms terms, HandlingSettings settings) {
    this.client = client;
    this.terms = terms;
    this.settings = settings;
  }

  /** Returns the lines of the answer to EHLO at {@code now}. */
  List<String> keywords(Instant now) {
    var keywords = new ArrayList<String>(3);
    if (settings.deliverBy().isOffered()) {
      long least = settings.deliverBy().least().toSeconds();
      keywords.add(least > 0 ? "DELIVERBY " + least : "DELIVERBY"); // RFC 2852 §2 (3)
    }
    if (mayHold()) {
      keywords.add("FUTURERELEASE " + settings.futureRelease().longest().toSeconds() + " "
          + latest(now).truncatedTo(ChronoUnit.SECONDS)); // RFC 4865 §3 (3)
    }
    if (settings.priorities().isOffered()) {
      keywords.add("MT-PRIORITY" + settings.priorities().profile().map(name -> " " + name).orElse(""));
    }
    if (client.isEncrypted()) {
      keywords.add("REQUIRETLS"); // RFC 8689 §2
    }
    return keywords;
  }

  /** RFC 4865 §4.2 (2): for submission, unless the operator wants it for trusted clients too. */
  private boolean mayHold() {
    return !settings.futureRelease().longest().isZero()
        && (terms.kind().requiresAuthentication() || (settings.futureRelease().forTrusted() && client.mayRelay()));
  }

  private Instant latest(Instant now) {
    return now.plus(settings.futureRelease().longest());
  }

  /** Says why a message that is begun at {@code now} cannot be handled as asked. */
  Optional<Reply> refusal(MailOptions asked, Instant now) {
    if (asked.requireTls() && !client.isEncrypted()) {
      return Optional.of(ServerReplies.REQUIRETLS_NEEDS_TLS);
    }
    return asked.deliverBy()
        .flatMap(this::refusal)
        .or(() -> asked.release().flatMap(release -> refusal(release, asked, now)))
        .or(() -> asked.priority().isPresent() && !settings.priorities().isOffered()
            ? Optional.of(ServerReplies.NO_PRIORITIES)
            : Optional.empty());
  }

  private Optional<Reply> refusal(DeliverBy by) {
    if (!settings.deliverBy().isOffered()) {
      return Optional.of(ServerReplies.NO_DELIVER_BY);
    }
    long least = settings.deliverBy().least().toSeconds();
    return by.mode() == DeliverBy.Mode.RETURN && by.seconds() < least
        ? Optional.of(ServerReplies.deliverByTooSoon(least)) // RFC 2852 §3
        : Optional.empty();
  }

  private Optional<Reply> refusal(FutureRelease release, MailOptions asked, Instant now) {
    if (!mayHold()) {
      return Optional.of(ServerReplies.NO_FUTURE_RELEASE);
    }
    Instant at = release.from(now);
    if (!at.isAfter(now) || at.isAfter(latest(now))) {
      return Optional.of(ServerReplies.BAD_RELEASE_TIME); // RFC 4865 §4.2 (7), (8)
    }
    return asked.deliverBy().filter(by -> at.isAfter(now.plusSeconds(by.seconds()))).isPresent()
        ? Optional.of(ServerReplies.RELEASE_BEHIND_DELIVER_BY) // RFC 4865 §5.2.2
        : Optional.empty();
  }

  /**
   * Returns {@code others} together with what is asked for at {@code now}, as far as the client may.
   *
   * @param account whose quota it counts for when it is to be sent on later
   */
  Handling granted(MailOptions asked, Handling others, String account, Instant now) {
    return new Handling(
        asked.deliverBy()
            .map(by -> new Handling.Deadline(now.plusSeconds(by.seconds()), by.mode(), by.isTraced())),
        asked.release().map(release -> new Handling.Release(release.from(now), release, account)),
        asked.priority().map(this::granted),
        asked.requireTls() ? TlsWish.REQUIRED : others.tls(), others.solicitations(), others.tracking(),
        asked.submitter().filter(_ -> client.mayRelay())); // nobody else is believed (RFC 4954 §5)
  }

  /** Returns the positive answer to MAIL; it says so when the priority is another one (RFC 6710 §4.1). */
  Reply accepted(MailOptions asked) {
    return asked.priority()
        .filter(priority -> !priority.equals(granted(priority)))
        .map(priority -> ServerReplies.senderOkWithPriority(granted(priority)))
        .orElse(ServerReplies.SENDER_OK);
  }

  /** Nobody is raised who may not be; everybody may stand back (RFC 6710 §4.1). */
  private Priority granted(Priority asked) {
    Priority most = settings.priorities().most(client);
    return asked.compareTo(most) > 0 ? most : asked;
  }
}
