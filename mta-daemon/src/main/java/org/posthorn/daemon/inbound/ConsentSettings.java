package org.posthorn.daemon.inbound;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the people behind the addresses here have agreed to.
 *
 * @param unwanted solicitations that nobody here wants (RFC 3865), all together at most 450 characters, so that the line of
 *     EHLO stays within 512 octets; default none, as RFC 3865 §2.8 wants it
 * @param owners who has had which address since when; without them RRVS (RFC 7293) is not offered for local domains
 * @param tracking for how long it is known what became of messages with MTRK (RFC 3885), at most; zero when they are
 *     not tracked, which is the default
 */
public record ConsentSettings(List<String> unwanted, Optional<Owners> owners, Duration tracking) {
  /** The defaults. */
  public static final ConsentSettings DEFAULT = new ConsentSettings(List.of(), Optional.empty(), Duration.ZERO);

  public ConsentSettings {
    unwanted = List.copyOf(unwanted);
    Require.within("length of the solicitation keywords", String.join(",", unwanted).length(), 0, 450);
  }

  /** Whether MTRK is offered. */
  boolean isTracking() {
    return tracking.isPositive();
  }
}
