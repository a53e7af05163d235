package org.posthorn.daemon.inbound.netty;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.posthorn.dns.AddressResult;
import org.posthorn.dns.MailResolver;
import org.posthorn.dns.MxResult;
import org.posthorn.smtp.Domain;

/** A DNS in which no client has a name; it remembers whose were asked for. */
record NoNames(List<InetAddress> asked) implements MailResolver {
  NoNames() {
    this(new CopyOnWriteArrayList<>());
  }

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
    asked.add(address);
    return Optional.empty();
  }
}
