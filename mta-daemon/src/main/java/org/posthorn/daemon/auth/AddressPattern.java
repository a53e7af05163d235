package org.posthorn.daemon.auth;

import java.util.Locale;
import java.util.Optional;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;

/** What somebody may send as. */
public sealed interface AddressPattern {
  /** Any address at all. */
  record Any() implements AddressPattern {
    @Override
    public String toString() {
      return "*";
    }
  }

  /** Every address in a domain. */
  record InDomain(Domain domain) implements AddressPattern {
    @Override
    public String toString() {
      return "@" + domain;
    }
  }

  /** One address, and those with a tag behind its local part. */
  record Address(Mailbox mailbox) implements AddressPattern {
    @Override
    public String toString() {
      return mailbox.toString();
    }
  }

  /** Reads {@code *}, {@code @example.org} or {@code alice@example.org}; empty when it is none of these. */
  static Optional<AddressPattern> parse(String text) {
    if (text.equals("*")) {
      return Optional.of(new Any());
    }
    return text.startsWith("@")
        ? Domain.parse(text.substring(1)).map(InDomain::new)
        : Mailbox.parse(text).map(Address::new);
  }

  /** Whether {@code address} is meant; local parts are compared without regard to case, and up to {@code delimiter}. */
  default boolean matches(Mailbox address, Optional<Character> delimiter) {
    return switch (this) {
      case Any _ -> true;
      case InDomain(var domain) -> address.host().equals(domain);
      case Address(var mailbox) -> address.host().equals(mailbox.host())
          && isSame(address.localPart(), mailbox.localPart(), delimiter);
    };
  }

  private static boolean isSame(String localPart, String own, Optional<Character> delimiter) {
    String name = localPart.toLowerCase(Locale.ROOT);
    String ownName = own.toLowerCase(Locale.ROOT);
    return name.equals(ownName) || delimiter.filter(c -> name.startsWith(ownName + c)).isPresent();
  }
}
