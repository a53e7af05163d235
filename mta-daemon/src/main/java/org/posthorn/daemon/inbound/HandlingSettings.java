package org.posthorn.daemon.inbound;

import java.time.Duration;
import java.util.Optional;
import org.posthorn.smtp.Priority;

/**
 * What clients may ask for beyond delivery.
 *
 * @param deliverBy times to deliver by (RFC 2852)
 * @param futureRelease times to send on at (RFC 4865)
 * @param priorities going before others (RFC 6710)
 */
public record HandlingSettings(DeliverByTimes deliverBy, ReleaseTimes futureRelease, Priorities priorities) {
  /**
   * Times to deliver by.
   *
   * @param isOffered whether they may be given; default true
   * @param least the shortest with which mail may ask to be returned (min-by-time); default zero: any
   */
  public record DeliverByTimes(boolean isOffered, Duration least) {
    public DeliverByTimes {
      Require.that(!least.isNegative() && least.toSeconds() <= MAX_SECONDS, "the shortest time is " + least);
    }
  }

  /**
   * Times to send on at, for whoever submits.
   *
   * @param longest the longest that mail is held; default 30 d; zero: none may be given
   * @param forTrusted whether trusted clients may give them on {@code mx} listeners too, where RFC 4865 §4.2 (2) has it not
   *     offered; default false
   */
  public record ReleaseTimes(Duration longest, boolean forTrusted) {
    public ReleaseTimes {
      Require.that(!longest.isNegative() && longest.toSeconds() <= MAX_SECONDS, "the longest time is " + longest);
    }
  }

  /**
   * Going before others.
   *
   * @param isOffered whether priorities may be given; default true
   * @param profile the name of the assignment policy that is announced (RFC 6710 §9.2), 1 to 20 letters, digits and
   *     {@code -_.}; empty for none; default MIXER
   * @param trusted the highest that trusted clients and users may ask for; default 4, urgent in MIXER
   * @param others the highest that others may ask for; default 0, what all mail has
   */
  public record Priorities(boolean isOffered, Optional<String> profile, Priority trusted, Priority others) {
    /** Returns the highest that {@code client} may ask for. */
    Priority most(Client client) {
      return client.mayRelay() ? trusted : others;
    }
  }

  private static final long MAX_SECONDS = 999_999_999; // RFC 2852 §4, RFC 4865 §3

  /** The defaults. */
  public static final HandlingSettings DEFAULT = new HandlingSettings(new DeliverByTimes(true, Duration.ZERO),
      new ReleaseTimes(Duration.ofDays(30), false),
      new Priorities(true, Optional.of("MIXER"), new Priority(4), Priority.NORMAL));
}
