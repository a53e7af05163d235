package org.posthorn.dns;

import java.net.InetAddress;
import java.util.Optional;
import org.posthorn.smtp.Domain;

/**
 * The look-ups that delivering and receiving mail needs.
 *
 * <p>Calls block for at most the resolver's time limit; answers are cached for their TTL, negative ones too. Safe for use
 * by many threads.
 */
public interface MailResolver {
  /** Returns the hosts that take mail for {@code domain} (RFC 5321 §5.1). */
  MxResult mailHosts(Domain domain) throws InterruptedException;

  /** Returns the addresses of {@code host}, CNAMEs followed, IPv6 first. */
  AddressResult addresses(Domain host) throws InterruptedException;

  /** Returns the name of {@code address}, if that name leads back to it; empty too when the DNS does not answer. */
  Optional<Domain> confirmedName(InetAddress address) throws InterruptedException;
}
