package org.posthorn.daemon.inbound;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;

/**
 * The mailboxes here. Where the aliases lead is checked when {@link InboundRules} are made of the settings.
 *
 * @param domains whose mail is delivered here, the first one for names without a domain; none on a mere relay
 * @param users who has a mailbox
 * @param aliases where other addresses lead
 * @param postmaster who gets the mail for postmaster that no alias and no user takes; default the first user
 * @param delimiter what divides {@code user+tag}; empty when nothing does; default {@code +}
 * @param ownAddresses our own addresses: mail to {@code user@[address]} is mail to the first domain (RFC 5321 §4.1.3)
 */
public record LocalSettings(List<Domain> domains, LocalUsers users, Aliases aliases, Optional<Mailbox> postmaster,
    Optional<Character> delimiter, Set<InetAddress> ownAddresses) {
  /** A mere relay: no domain, no user. */
  public static final LocalSettings NONE = new LocalSettings(List.of(), LocalUsers.NONE, Aliases.NONE, Optional.empty(),
      Optional.of('+'), Set.of());

  public LocalSettings {
    domains = List.copyOf(domains);
    ownAddresses = Set.copyOf(ownAddresses);
    Require.that(domains.isEmpty() || postmaster.isPresent() || users.first().isPresent(),
        "postmaster must be set where there are local domains but no users (RFC 5321 §4.5.1)");
  }
}
