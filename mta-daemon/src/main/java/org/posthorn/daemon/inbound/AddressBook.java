package org.posthorn.daemon.inbound;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;
import org.posthorn.smtp.Mailbox;

/**
 * Who is behind an address here. All aliases are followed to their ends when the book is made, so that a look-up costs
 * the same whatever an alias leads to, and no loop and no dangling target is left for mail to find. Immutable.
 *
 * <p>For {@code user+tag} the whole local part is looked up first, then {@code user}; for each an alias of the address, an
 * alias of the name, a user, in this order; then postmaster; last the alias of the whole domain.
 */
final class AddressBook {
  /** The most addresses that one alias may lead to. */
  static final int MAX_TARGETS = 10_000;

  private static final int MAX_DEPTH = 50;
  private static final String POSTMASTER = "postmaster";
  /** Who our DSNs are from: people answer them. */
  private static final String MAILER_DAEMON = "mailer-daemon";

  private final LocalSettings settings;
  private final Map<Aliases.Key, List<Mailbox>> expansions = new HashMap<>();

  /** Follows all aliases; throws IllegalArgumentException with file and line where one leads nowhere or in a circle. */
  AddressBook(LocalSettings settings) {
    this.settings = settings;
    var underway = new LinkedHashSet<Aliases.Key>();
    settings.aliases().entries().keySet().forEach(key -> expand(key, underway));
    Require.that(settings.domains().isEmpty() || !findPostmaster().isEmpty(),
        "no such user or alias here: postmaster "
            + settings.postmaster().map(Mailbox::toString).orElse(""));
  }

  /** Returns the local domain that mail for {@code host} is for, if it is one of ours or one of our addresses. */
  Optional<Domain> localDomain(MailHost host) {
    return switch (host) {
      case Domain domain -> settings.domains().contains(domain) ? Optional.of(domain) : Optional.empty();
      case AddressLiteral literal -> settings.ownAddresses().contains(literal.address())
          ? settings.domains().stream().findFirst()
          : Optional.empty();
    };
  }

  /** Returns where mail for {@code localPart} in one of our domains goes, in order and each once; empty for nobody. */
  List<Mailbox> find(String localPart, Domain domain) {
    return switch (look(localPart, domain, Optional.empty())) {
      case Found.Here(var mailbox) -> List.of(mailbox);
      case Found.Alias(var key) -> expansions.getOrDefault(key, List.of());
      case Found.Nobody _ -> List.of();
    };
  }

  /** Returns where mail for postmaster goes that does not say which domain's (RFC 5321 §4.5.1); empty on a mere relay. */
  List<Mailbox> findPostmaster() {
    return settings.domains().isEmpty()
        ? settings.postmaster().stream().toList()
        : find(POSTMASTER, settings.domains().getFirst());
  }

  /** Returns the domain of names that come without one; empty on a mere relay. */
  Optional<Domain> primaryDomain() {
    return settings.domains().stream().findFirst();
  }

  /** Returns what an alias leads to and whether there is one, for EXPN. */
  Optional<List<Mailbox>> findAlias(String localPart, Domain domain) {
    return look(localPart, domain, Optional.empty()) instanceof Found.Alias(var key)
        ? Optional.ofNullable(expansions.get(key))
        : Optional.empty();
  }

  private sealed interface Found {
    record Here(Mailbox mailbox) implements Found {}

    record Alias(Aliases.Key key) implements Found {}

    record Nobody() implements Found {}
  }

  private Found look(String localPart, Domain domain, Optional<Aliases.Key> except) {
    Found found = lookExactly(localPart, domain, except);
    if (found instanceof Found.Nobody) {
      int divider = settings.delimiter().map(localPart::indexOf).orElse(-1);
      found = divider > 0 ? lookExactly(localPart.substring(0, divider), domain, except) : found;
    }
    var wholeDomain = new Aliases.Key("", Optional.of(domain));
    return found instanceof Found.Nobody && isAlias(wholeDomain, except) ? new Found.Alias(wholeDomain) : found;
  }

  private Found lookExactly(String localPart, Domain domain, Optional<Aliases.Key> except) {
    String name = localPart.toLowerCase(Locale.ROOT);
    var ofAddress = new Aliases.Key(name, Optional.of(domain));
    if (isAlias(ofAddress, except)) {
      return new Found.Alias(ofAddress);
    }
    var ofName = new Aliases.Key(name, Optional.empty());
    if (isAlias(ofName, except)) {
      return new Found.Alias(ofName);
    }
    return settings.users()
        .find(name, domain)
        .<Found>map(user -> new Found.Here(new Mailbox(user, domain)))
        .orElseGet(() -> switch (name) {
          case POSTMASTER -> postmaster(except);
          case MAILER_DAEMON -> lookExactly(POSTMASTER, domain, except);
          default -> new Found.Nobody();
        });
  }

  /** Whether {@code localPart} names the postmaster, or the daemon whose mail the postmaster answers. */
  static boolean isPostmaster(String localPart) {
    String name = localPart.toLowerCase(Locale.ROOT);
    return name.equals(POSTMASTER) || name.equals(MAILER_DAEMON);
  }

  private boolean isAlias(Aliases.Key key, Optional<Aliases.Key> except) {
    return settings.aliases().entries().containsKey(key) && !except.equals(Optional.of(key));
  }

  private Found postmaster(Optional<Aliases.Key> except) {
    return settings.postmaster()
        .or(this::firstUser)
        .map(mailbox -> postmaster(mailbox, except))
        .orElseGet(Found.Nobody::new);
  }

  private Found postmaster(Mailbox mailbox, Optional<Aliases.Key> except) {
    Optional<Domain> here = localDomain(mailbox.host());
    return here.isPresent() && !mailbox.localPart().equalsIgnoreCase(POSTMASTER)
        ? look(mailbox.localPart(), here.get(), except)
        : new Found.Here(mailbox);
  }

  private Optional<Mailbox> firstUser() {
    return settings.users().first().map(user -> {
      int at = user.lastIndexOf('@');
      return at < 0
          ? new Mailbox(user, settings.domains().getFirst())
          : new Mailbox(user.substring(0, at), Domain.of(user.substring(at + 1)));
    });
  }

  private List<Mailbox> expand(Aliases.Key key, Set<Aliases.Key> underway) {
    var known = expansions.get(key);
    if (known != null) {
      return known;
    }
    Aliases.Entry entry = Objects.requireNonNull(settings.aliases().entries().get(key), "only known keys are expanded");
    key.domain().ifPresent(domain -> require(settings.domains().contains(domain), entry, domain + " is not local"));
    require(underway.add(key), entry, "the alias leads back to itself: " + underway + " " + key);
    require(underway.size() <= MAX_DEPTH, entry, "aliases nested deeper than " + MAX_DEPTH);
    var targets = new LinkedHashSet<Mailbox>();
    entry.targets().forEach(target -> targets.addAll(follow(target, key, entry, underway)));
    require(targets.size() <= MAX_TARGETS, entry, "leads to more than " + MAX_TARGETS + " addresses");
    underway.remove(key);
    var expansion = List.copyOf(targets);
    expansions.put(key, expansion);
    return expansion;
  }

  private List<Mailbox> follow(Aliases.Target target, Aliases.Key key, Aliases.Entry entry, Set<Aliases.Key> underway) {
    return switch (target) {
      case Aliases.Target.Address(var mailbox) -> localDomain(mailbox.host())
          .map(domain -> followHere(mailbox.localPart(), List.of(domain), key, entry, underway))
          .orElse(List.of(mailbox));
      case Aliases.Target.Name(var name) -> followHere(name, domainsFor(key), key, entry, underway);
    };
  }

  /** A bare name means the first domain that knows it, beginning with the one that the alias itself is in. */
  private List<Domain> domainsFor(Aliases.Key key) {
    var domains = new ArrayList<Domain>(key.domain().stream().toList());
    domains.addAll(settings.domains());
    return domains;
  }

  private List<Mailbox> followHere(String localPart, List<Domain> domains, Aliases.Key key, Aliases.Entry entry,
      Set<Aliases.Key> underway) {
    for (var domain : domains) {
      // "alice: alice, bob" keeps alice's copy: an alias that names itself means the user of that name.
      switch (look(localPart, domain, Optional.of(key))) {
        case Found.Here(var mailbox) -> {
          return List.of(mailbox);
        }
        case Found.Alias(var next) -> {
          return expand(next, underway);
        }
        case Found.Nobody _ -> {
        }
      }
    }
    throw new IllegalArgumentException(place(entry) + "no such user or alias here: " + localPart);
  }

  private void require(boolean holds, Aliases.Entry entry, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(place(entry) + otherwise);
    }
  }

  private String place(Aliases.Entry entry) {
    return settings.aliases().source() + ":" + entry.line() + ": ";
  }
}
