package org.posthorn.delivery;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.posthorn.dns.AddressResult;
import org.posthorn.dns.MailResolver;
import org.posthorn.dns.MxResult;
import org.posthorn.dns.MxResult.MxHost;
import org.posthorn.smtp.Domain;

/** A DNS whose answers a test sets, and which remembers what it was asked. Set before use; one thread asks. */
final class FixedResolver implements MailResolver {
  private final Map<Domain, MxResult> mx = new HashMap<>();
  private final Map<Domain, AddressResult> addresses = new HashMap<>();
  private final List<String> asked = new ArrayList<>();

  /** Sets the mail hosts of {@code domain}, each as {@code preference name}, in the order in which they are to be tried. */
  FixedResolver mx(String domain, String... hosts) {
    return mx(domain, new MxResult.Hosts(Stream.of(hosts)
        .map(host -> host.split(" ", 2))
        .map(parts -> new MxHost(Integer.parseInt(parts[0]), Domain.of(parts[1])))
        .toList()));
  }

  FixedResolver mx(String domain, MxResult result) {
    mx.put(Domain.of(domain), result);
    return this;
  }

  FixedResolver host(String name, String... literals) {
    addresses.put(Domain.of(name),
        new AddressResult.Addresses(Arrays.stream(literals).map(InetAddress::ofLiteral).toList()));
    return this;
  }

  FixedResolver host(String name, AddressResult result) {
    addresses.put(Domain.of(name), result);
    return this;
  }

  /** Returns the names whose addresses were asked for. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public MxResult mailHosts(Domain domain) {
    return Optional.ofNullable(mx.get(domain)).orElseGet(MxResult.NoSuchDomain::new);
  }

  @Override
  public AddressResult addresses(Domain host) {
    asked.add(host.name());
    return Optional.ofNullable(addresses.get(host)).orElseGet(AddressResult.None::new);
  }

  @Override
  public Optional<Domain> confirmedName(InetAddress address) {
    return Optional.empty();
  }
}
