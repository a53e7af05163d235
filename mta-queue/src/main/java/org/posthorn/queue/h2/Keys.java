package org.posthorn.queue.h2;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Told;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;

/** Values as columns hold them. */
final class Keys {
  private static final int MAX_TEXT_CHARS = 2_000;
  private static final String IPV6_TAG = "IPv6:";

  private Keys() {}

  /** Returns the priorities of messages that not all mail has. */
  static Set<Integer> priorities(Collection<Addition> additions) {
    var priorities = new TreeSet<Integer>();
    for (var addition : additions) {
      int priority = addition.entry().message().envelope().handling().urgency().value();
      if (priority != 0) {
        priorities.add(priority);
      }
    }
    return priorities;
  }

  /** Returns {@code text} as far as a column holds it; no address of a sane length is cut. */
  static String text(String text) {
    return text.length() <= MAX_TEXT_CHARS ? text : text.substring(0, MAX_TEXT_CHARS);
  }

  /** Returns what searches without regard to case compare. */
  static String searchKey(String text) {
    return text(text.toLowerCase(Locale.ROOT));
  }

  static int of(Told told) {
    return switch (told) {
      case NOTHING -> 0;
      case DELAY -> 1;
      case NOBODY -> 2;
    };
  }

  static String of(MailHost host) {
    return host.toString();
  }

  /** Reads back what {@link #of} returned. */
  static MailHost host(String key) {
    if (!key.startsWith("[")) {
      return new Domain(key);
    }
    var address = key.substring(1, key.length() - 1);
    return new AddressLiteral(
        InetAddress.ofLiteral(address.startsWith(IPV6_TAG) ? address.substring(IPV6_TAG.length()) : address));
  }

  /** Returns what {@code domain}, as an operator writes it, is in the index. */
  static String domain(String domain) {
    if (domain.startsWith("[")) {
      return domain;
    }
    return Domain.parse(domain).map(Domain::name).orElseGet(() -> domain.toLowerCase(Locale.ROOT));
  }
}
