package org.posthorn.delivery;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;

/**
 * The routes in force: what a reload replaces as a whole.
 *
 * @param rules the first that matches wins; one that names a local domain takes its mail elsewhere, {@code *} does not
 * @param localDomains whose mail goes to mailboxes of ours when no rule names them
 */
public record Routes(List<Rule> rules, Set<Domain> localDomains) {
  /**
   * One rule: mail for these hosts goes there.
   *
   * @param pattern a domain name, {@code .suffix} for all subdomains of a domain but not itself, or {@code *} for all other
   *     mail, as with a smarthost
   * @param via where it goes; empty: to the MX of its domain
   * @param tls how much TLS the way there must have, if not as much as elsewhere
   */
  public record Rule(String pattern, Optional<Route> via, Optional<TlsLevel> tls) {
    private static final String ALL = "*";

    /**
     * Reads a rule from the settings, U-labels allowed; throws IllegalArgumentException when {@code pattern} or
     * {@code via} has none of the known forms.
     */
    public static Rule of(String pattern, String via) {
      return new Rule(normal(pattern), Optional.of(Route.of(via)), Optional.empty());
    }

    /** Reads a rule for mail that goes to the MX of its domain; throws IllegalArgumentException as well. */
    public static Rule toMx(String pattern) {
      return new Rule(normal(pattern), Optional.empty(), Optional.empty());
    }

    /**
     * Returns the rule for mail of {@code domain} that waits until its server comes for it, with as much TLS as the first of
     * {@code others} asks for that says so of the domain and not of another way.
     */
    public static Rule onDemand(Domain domain, List<Rule> others) {
      var tls = others.stream().filter(rule -> rule.via().isEmpty() && rule.matches(domain)).findFirst();
      return new Rule(domain.name(), Optional.of(new Route.OnDemand(domain)), tls.flatMap(Rule::tls));
    }

    /** Returns the same rule, with {@code level} on the way. */
    public Rule with(TlsLevel level) {
      return new Rule(pattern, via, Optional.of(level));
    }

    /** Whether mail for {@code host} follows this rule. Only {@code *} matches an address literal. */
    boolean matches(MailHost host) {
      return isForAll() || switch (host) {
        case Domain(String name) -> pattern.startsWith(".") ? name.endsWith(pattern) : name.equals(pattern);
        case AddressLiteral _ -> false;
      };
    }

    private boolean isForAll() {
      return pattern.equals(ALL);
    }

    private static String normal(String pattern) {
      if (pattern.equals(ALL)) {
        return pattern;
      }
      return pattern.startsWith(".")
          ? "." + Domain.of(pattern.substring(1)).name()
          : Domain.of(pattern).name();
    }
  }

  public Routes {
    rules = List.copyOf(rules);
    localDomains = Set.copyOf(localDomains);
  }

  /** Whether some rule says how much TLS its mail must have. */
  boolean saysTls() {
    return rules.stream().anyMatch(rule -> rule.tls().isPresent());
  }

  /** Returns the first rule for {@code host}; empty when none matches. */
  Optional<Rule> rule(MailHost host) {
    boolean isLocal = host instanceof Domain domain && localDomains.contains(domain);
    return rules.stream().filter(rule -> rule.matches(host) && !(isLocal && rule.isForAll())).findFirst();
  }

  /** Returns where mail for {@code host} goes. */
  public Route route(MailHost host) {
    return rule(host).flatMap(Rule::via).orElseGet(() -> switch (host) {
      case Domain domain -> localDomains.contains(domain) ? new Route.Local() : new Route.Mx(domain);
      case AddressLiteral literal -> new Route.Direct(literal);
    });
  }
}
