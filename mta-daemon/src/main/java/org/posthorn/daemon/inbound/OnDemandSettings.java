package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.QueueNode;

/**
 * Whose mail is sent when it is asked for.
 *
 * @param etrnDomains domains whose mail ETRN may start, with all below them; default none
 * @param etrnQueues destinations, as the queue names them, that ETRN may start; default none
 * @param owners the domains whose mail a login may have by ATRN; default none
 * @param etrnClients who may ask; default anybody, for mail goes to its own server and nowhere else
 */
public record OnDemandSettings(List<Domain> etrnDomains, Set<String> etrnQueues, NetworkSet etrnClients,
    Map<String, Set<Domain>> owners) {
  /** The defaults. */
  public static final OnDemandSettings DEFAULT = new OnDemandSettings(List.of(), Set.of(), NetworkSet.ANYWHERE,
      Map.of());

  public OnDemandSettings {
    etrnDomains = List.copyOf(etrnDomains);
    etrnQueues = Set.copyOf(etrnQueues);
    owners = Map.copyOf(owners);
  }

  /** Returns the domains whose mail waits until their servers come for it. */
  public Set<Domain> waiting() {
    return owners.values().stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());
  }

  /** Returns the domains whose mail {@code login} may have. */
  Set<Domain> ownedBy(String login) {
    return owners.getOrDefault(login, Set.of());
  }

  /** Whether ETRN is there for anything. */
  boolean hasEtrn() {
    return !etrnDomains.isEmpty() || !etrnQueues.isEmpty();
  }

  /** Whether ETRN may start {@code node}. */
  boolean includes(QueueNode node) {
    return node.scope() == QueueNode.Scope.QUEUE
        ? etrnQueues.contains(node.name())
        : etrnDomains.stream()
            .map(domain -> new QueueNode(QueueNode.Scope.SUBDOMAINS, domain.name()))
            .anyMatch(allowed -> allowed.includes(Domain.of(node.name())));
  }
}
