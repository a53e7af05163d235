package org.posthorn.daemon.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.posthorn.daemon.inbound.NetworkSet;
import org.posthorn.daemon.inbound.OnDemandSettings;
import org.posthorn.smtp.Domain;

/** Reads whose mail is sent when it is asked for: {@code on-demand}. */
final class Fetching {
  private Fetching() {}

  static OnDemandSettings read(Section top) {
    var section = top.table("on-demand");
    var domains = section.list("etrn-domains", List.<Domain>of(), "a domain name", Values::domain);
    var queues = section.list("etrn-queues", List.<String>of(), "a destination without spaces",
        text -> Optional.of(text).filter(name -> !name.isEmpty() && name.indexOf(' ') < 0));
    var clients = section.list("etrn-networks", List.of("0.0.0.0/0", "::/0"),
        "a network such as \"192.0.2.0/24\", without bits beyond the prefix",
        text -> Values.checked(text, network -> NetworkSet.of(List.of(network))));
    section.finish();
    return new OnDemandSettings(domains, Set.copyOf(queues), NetworkSet.of(clients), owners(top));
  }

  private static Map<String, Set<Domain>> owners(Section top) {
    var owners = new HashMap<String, Set<Domain>>();
    for (var section : top.tables("odmr")) {
      var user = section.parsed("user", "", "a login", Optional::of);
      var domains = section.list("domains", List.<Domain>of(), "a domain name", Values::domain);
      if (user.isEmpty() || domains.isEmpty()) {
        section.reject(user.isEmpty() ? "user" : "domains", "must be set");
      }
      owners.merge(user.toLowerCase(Locale.ROOT), Set.copyOf(domains),
          (one, other) -> Stream.concat(one.stream(), other.stream()).collect(Collectors.toUnmodifiableSet()));
      section.finish();
    }
    return owners;
  }
}
