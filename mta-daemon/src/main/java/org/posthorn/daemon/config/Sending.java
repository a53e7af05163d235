package org.posthorn.daemon.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.config.Configuration.ClientTimeouts;
import org.posthorn.daemon.config.Configuration.Concurrency;
import org.posthorn.daemon.config.Configuration.Delivery;
import org.posthorn.daemon.config.Configuration.Dns;
import org.posthorn.daemon.config.Configuration.Retry;
import org.posthorn.daemon.config.Configuration.Route;

/** Reads the sections {@code dns}, {@code route}, {@code delivery} and {@code retry}: how mail goes on. */
final class Sending {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private Sending() {}

  static Dns dns(Section section) {
    var dns = new Dns(
        section.list("servers", List.of(), "an address such as \"127.0.0.1\" or \"127.0.0.1:53\"", Values::dnsServer),
        section.duration("timeout", Duration.ofSeconds(5), Duration.ofMillis(100), MINUTE),
        section.count("attempts", 2, 1, 10), section.count("cache-entries", 20_000, 0, 10_000_000));
    section.finish();
    return dns;
  }

  static List<Route> routes(Section top) {
    return top.tables("route").stream().map(section -> {
      var route = new Route(
          section.parsed("domain", "*", "a domain name, \".suffix\" or \"*\"", Values::routeDomain),
          section.optional("via", Via.ALLOWED, Via::parse).orElse(""));
      if (!section.has("via")) {
        section.reject("via", "is missing: a route must say where to; " + Via.ALLOWED);
      }
      section.finish();
      return route;
    }).toList();
  }

  static Delivery delivery(Section section) {
    var delivery = new Delivery(section.count("port", 25, 1, 65_535),
        section.optional("source-address", "an IP address of this machine", Values::address), timeouts(section),
        concurrency(section), section.count("messages-per-connection", 100, 1, 100_000),
        section.duration("idle", Duration.ofSeconds(5), Duration.ZERO, Duration.ofMinutes(5)));
    section.finish();
    return delivery;
  }

  /** The defaults are those of RFC 5321 §4.5.3.2, but for the connection. */
  private static ClientTimeouts timeouts(Section section) {
    return new ClientTimeouts(section.duration("connect-timeout", Duration.ofSeconds(30), SECOND, HOUR),
        section.duration("greeting-timeout", Duration.ofMinutes(5), SECOND, HOUR),
        section.duration("command-timeout", Duration.ofMinutes(5), SECOND, HOUR),
        section.duration("data-timeout", Duration.ofMinutes(2), SECOND, HOUR),
        section.duration("data-block-timeout", Duration.ofMinutes(3), SECOND, HOUR),
        section.duration("data-end-timeout", Duration.ofMinutes(10), SECOND, HOUR));
  }

  private static Concurrency concurrency(Section section) {
    var concurrency = new Concurrency(section.count("connections", 500, 1, 100_000),
        section.count("concurrency-start", 5, 1, 10_000), section.count("concurrency-max", 20, 1, 10_000));
    if (concurrency.start() > concurrency.max()) {
      section.reject("concurrency-start", "is " + concurrency.start() + ", more than \"concurrency-max\", which is "
          + concurrency.max());
    }
    return concurrency;
  }

  static Retry retry(Section section) {
    var retry = new Retry(section.duration("first", Duration.ofMinutes(5), SECOND, DAY),
        section.duration("longest", Duration.ofHours(4), SECOND, Duration.ofDays(7)),
        section.duration("lifetime", Duration.ofDays(5), SECOND, Duration.ofDays(30)),
        section.duration("null-sender-lifetime", Duration.ofDays(2), SECOND, Duration.ofDays(30)),
        section.duration("delay-report", Duration.ofHours(4), Duration.ZERO, Duration.ofDays(30)));
    requireOrder(section, "first", retry.first(), "longest", retry.longest());
    requireOrder(section, "first", retry.first(), "lifetime", retry.lifetime());
    section.finish();
    return retry;
  }

  private static void requireOrder(Section section, String lesser, Duration less, String greater, Duration more) {
    if (less.compareTo(more) > 0) {
      section.reject(lesser, "is " + Quantity.of(less) + ", longer than \"" + greater + "\", which is "
          + Quantity.of(more));
    }
  }

  /** The forms of {@code via}. */
  private static final class Via {
    static final String ALLOWED = "\"smtp://host:port\", \"mx:domain\", \"lmtp://host:port\" or \"lmtp:/socket\"";

    static Optional<String> parse(String text) {
      if (text.startsWith("lmtp:/") && !text.startsWith("lmtp://")) {
        return Optional.of(text).filter(path -> path.length() > "lmtp:/".length());
      }
      if (text.startsWith("mx:")) {
        return Values.domain(text.substring(3)).map(name -> "mx:" + name);
      }
      return text.matches("(smtp|lmtp)://[^/\\s]+") ? hostAndPort(text) : Optional.empty();
    }

    private static Optional<String> hostAndPort(String text) {
      String where = text.substring("smtp://".length());
      boolean isAddress = Values.socketAddress(where).or(() -> Values.dnsServer(where)).isPresent();
      boolean isName = where.matches("[^:\\[\\]]+(:[0-9]{1,5})?")
          && Values.domain(where.replaceFirst(":.*", "")).isPresent();
      return isAddress || isName ? Optional.of(text) : Optional.empty();
    }
  }
}
