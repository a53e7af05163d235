package org.posthorn.queue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.posthorn.smtp.DeliverBy;
import org.posthorn.smtp.FutureRelease;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.Tracking;

/**
 * What the sender asked for beyond delivery, by the rarer extensions of SMTP.
 *
 * @param deadline until when it is to be delivered (RFC 2852)
 * @param release before when it must not be sent on (RFC 4865)
 * @param priority how urgent it is, when anybody said so (RFC 6710)
 * @param tls how much the way of the message is to be protected (RFC 8689)
 * @param solicitations what it solicits (RFC 3865)
 * @param tracking how the sender may ask what became of it (RFC 3885)
 * @param submitter who first submitted it (RFC 4954 §5)
 */
public record Handling(Optional<Deadline> deadline, Optional<Release> release, Optional<Priority> priority, TlsWish tls,
    List<String> solicitations, Optional<Tracking> tracking, Optional<Mailbox> submitter) {
  /**
   * A time to deliver by.
   *
   * @param at when it is over
   * @param mode what happens then
   * @param isTraced whether it is reported that the message was passed on
   */
  public record Deadline(Instant at, DeliverBy.Mode mode, boolean isTraced) {}

  /** How much the sender wants the way of a message to be protected. */
  public enum TlsWish {
    /** As the settings and the other side have it. */
    USUAL,
    /** It may go over verified TLS only, to servers that promise the same (REQUIRETLS). */
    REQUIRED,
    /** That it arrives is worth more than that nobody reads it ({@code TLS-Required: No}). */
    WAIVED
  }

  /**
   * A time to send it on at.
   *
   * @param at when that is
   * @param asked what the client said, which DSNs repeat
   * @param account whose quota of such messages it counts for; empty when nobody's
   */
  public record Release(Instant at, FutureRelease asked, String account) {
    /** One that counts for nobody's quota. */
    public Release(Instant at, FutureRelease asked) {
      this(at, asked, "");
    }
  }

  /** Nothing was asked for. */
  public static final Handling PLAIN = new Handling(Optional.empty(), Optional.empty(), Optional.empty(), TlsWish.USUAL,
      List.of(),
      Optional.empty(), Optional.empty());

  public Handling {
    solicitations = List.copyOf(solicitations);
  }

  /** Returns the same for a message that somebody said was that urgent. */
  public Handling with(Priority urgency) {
    return new Handling(deadline, release, Optional.of(urgency), tls, solicitations, tracking, submitter);
  }

  /** Returns the same for a message whose way is to be protected so. */
  public Handling with(TlsWish wish) {
    return new Handling(deadline, release, priority, wish, solicitations, tracking, submitter);
  }

  /** Returns the same with other {@code solicitations}. */
  public Handling with(List<String> other) {
    return new Handling(deadline, release, priority, tls, other, tracking, submitter);
  }

  /** Returns how urgent it is. */
  public Priority urgency() {
    return priority.orElse(Priority.NORMAL);
  }
}
