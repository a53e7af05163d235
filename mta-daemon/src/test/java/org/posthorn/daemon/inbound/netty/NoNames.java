package org.posthorn.daemon.inbound.netty;

import java.net.InetAddress;
import java.util.Optional;
import org.posthorn.dns.AddressResult;
import org.posthorn.dns.MailResolver;
import org.posthorn.dns.MxResult;
import org.posthorn.smtp.Domain;

/** A DNS in which no client has a name. */
record NoNames() implements MailResolver {
  @Override
  public MxResult mailHosts(Domain domain) {
    throw new UnsupportedOperationException();
  }

  @Override
  public AddressResult addresses(Domain host) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Domain> confirmedName(InetAddress address) {
    return Optional.empty();
  }
}
