package org.posthorn.daemon.tracking;

import java.time.Duration;
import org.posthorn.smtp.Domain;

/**
 * On what terms questions are answered.
 *
 * @param hostname our name
 * @param connections served at once
 * @param perClient of them from one IPv4 address or one IPv6 /64
 * @param handshake until a TLS handshake is done
 * @param silence until the next octet comes; RFC 3887 §2.5 wants 10 min at least
 * @param whole for all that a client says and takes
 */
public record MtqpTerms(Domain hostname, int connections, int perClient, Duration handshake, Duration silence,
    Duration whole) {
  /** With 10 min for the next octet, and half an hour for all. */
  public MtqpTerms(Domain hostname, int connections, int perClient, Duration handshake) {
    this(hostname, connections, perClient, handshake, Duration.ofMinutes(10), Duration.ofMinutes(30));
  }
}
