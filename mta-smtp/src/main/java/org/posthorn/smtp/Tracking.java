package org.posthorn.smtp;

import java.time.Duration;
import java.util.Optional;

/**
 * The MTRK parameter of MAIL (RFC 3885 §4): the sender will ask what became of the message.
 *
 * @param certifier the SHA-1 of the secret that who asks must know, in base64
 * @param timeout for how long it may ask
 */
public record Tracking(String certifier, Optional<Duration> timeout) {
  /** Returns the value of the parameter. */
  @Override
  public String toString() {
    return certifier + timeout.map(time -> ":" + time.toSeconds()).orElse("");
  }
}
