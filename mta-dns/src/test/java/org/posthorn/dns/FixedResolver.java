package org.posthorn.dns;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.posthorn.dns.AddressResult.Addresses;
import org.posthorn.dns.MxResult.Hosts;
import org.posthorn.dns.MxResult.MxHost;
import org.posthorn.smtp.Domain;

/**
 * A resolver that knows what a test told it and remembers what it was asked. A name that it was not told does not exist;
 * one with addresses only is its own mail host. Hosts of equal preference stay in the order given. Safe for use by many
 * threads.
 */
public final class FixedResolver implements MailResolver {
  private final Map<Domain, MxResult> mail = new ConcurrentHashMap<>();
  private final Map<Domain, AddressResult> addresses = new ConcurrentHashMap<>();
  private final Map<InetAddress, Domain> names = new ConcurrentHashMap<>();
  private final List<String> lookUps = new CopyOnWriteArrayList<>();

  /** Gives {@code domain} mail hosts such as {@code 10 mx1.example.org}. */
  public FixedResolver mx(String domain, String... hosts) {
    List<MxHost> sorted = Arrays.stream(hosts)
        .map(FixedResolver::host)
        .sorted(Comparator.comparingInt(MxHost::preference))
        .toList();
    return mail(domain, new Hosts(sorted));
  }

  /** Gives {@code domain} any result, such as a {@link MxResult.NullMx}. */
  public FixedResolver mail(String domain, MxResult result) {
    mail.put(Domain.of(domain), result);
    return this;
  }

  /** Gives {@code host} addresses; IPv6 is put first, as the contract says. */
  public FixedResolver address(String host, String... literals) {
    List<InetAddress> sorted = Arrays.stream(literals)
        .map(InetAddress::ofLiteral)
        .sorted(Comparator.comparing(address -> !(address instanceof Inet6Address)))
        .toList();
    return addresses(host, new Addresses(sorted));
  }

  /** Gives {@code host} any result, such as {@link AddressResult.Unavailable}. */
  public FixedResolver addresses(String host, AddressResult result) {
    addresses.put(Domain.of(host), result);
    return this;
  }

  /** Gives the address {@code literal} a confirmed name. */
  public FixedResolver name(String literal, String name) {
    names.put(InetAddress.ofLiteral(literal), Domain.of(name));
    return this;
  }

  /** Returns what was asked so far: {@code MX example.org}, {@code A mx1.example.org}, {@code PTR 192.0.2.1}. */
  public List<String> lookUps() {
    return List.copyOf(lookUps);
  }

  @Override
  public MxResult mailHosts(Domain domain) {
    lookUps.add("MX " + domain);
    MxResult implicit = switch (addresses.getOrDefault(domain, new AddressResult.None())) {
      case Addresses _ -> new Hosts(List.of(new MxHost(0, domain)));
      case AddressResult.None _ -> new MxResult.NoSuchDomain();
      case AddressResult.Unavailable(var reason) -> new MxResult.Unavailable(reason);
    };
    return mail.getOrDefault(domain, implicit);
  }

  @Override
  public AddressResult addresses(Domain host) {
    lookUps.add("A " + host);
    return addresses.getOrDefault(host, new AddressResult.None());
  }

  @Override
  public Optional<Domain> confirmedName(InetAddress address) {
    lookUps.add("PTR " + address.getHostAddress());
    return Optional.ofNullable(names.get(address));
  }

  private static MxHost host(String text) {
    int space = text.indexOf(' ');
    return new MxHost(Integer.parseInt(text.substring(0, space)), Domain.of(text.substring(space + 1)));
  }
}
