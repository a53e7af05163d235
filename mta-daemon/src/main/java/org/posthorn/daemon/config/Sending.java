package org.posthorn.daemon.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.inbound.RelayPolicy.Decision;
import org.posthorn.delivery.ClientTimeouts;
import org.posthorn.delivery.DeliverySettings;
import org.posthorn.delivery.FieldSettings;
import org.posthorn.delivery.Ourselves;
import org.posthorn.delivery.Route;
import org.posthorn.delivery.Routes;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.delivery.tls.TlsSettings;
import org.posthorn.dns.DnsSettings;
import org.posthorn.queue.QueueSettings;
import org.posthorn.queue.RetrySchedule;
import org.posthorn.queue.SiteLimits;
import org.posthorn.queue.spool.JournalSettings;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.RcptParameters;

/**
 * Reads how mail goes on: {@code dns}, {@code route}, {@code delivery}, {@code retry}, {@code bounce} and {@code queue}.
 */
final class Sending {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final String VIA = "\"smtp://host:port\", \"mx:domain\", \"lmtp://host:port\" or \"lmtp:/socket\"";
  private static final long MEGABYTE = 1L << 20;
  private static final long GIGABYTE = 1L << 30;

  private Sending() {}

  static DnsSettings dns(Section section) {
    var standard = DnsSettings.of(List.of());
    var dns = new DnsSettings(
        section.list("servers", List.of(), "an address such as \"127.0.0.1\" or \"127.0.0.1:53\"", Values::dnsServer),
        section.duration("timeout", standard.timeout(), Duration.ofMillis(100), MINUTE),
        section.count("attempts", standard.attempts(), 1, 10),
        section.count("cache-entries", standard.cacheEntries(), 0, 10_000_000),
        section.duration("max-ttl", standard.maxTtl(), Duration.ZERO, Duration.ofDays(7)),
        section.duration("max-negative-ttl", standard.maxNegativeTtl(), Duration.ZERO, DAY));
    section.finish();
    return dns;
  }

  static Routes routes(Section top, InboundRules inbound) {
    var rules = top.tables("route").stream().map(section -> {
      var domain = section.parsed("domain", "*", "a domain name, \".suffix\" or \"*\"", Values::routeDomain);
      var via = section.optional("via", VIA, text -> Values.checked(text, Route::of));
      var tls = section.optionalChoice("tls", TlsLevel.class);
      if (!section.has("via") && !section.has("tls")) {
        section.reject("via", "is missing: a route must say where to, or how much \"tls\"; " + VIA);
      }
      section.finish();
      var rule = via.map(text -> Routes.Rule.of(domain, text)).orElseGet(() -> Routes.Rule.toMx(domain));
      return tls.map(rule::with).orElse(rule);
    }).toList();
    // First: what waits for its server is sent nowhere else.
    var all = Stream.concat(inbound.settings()
        .extensions()
        .onDemand()
        .waiting()
        .stream()
        .sorted(Comparator.comparing(Domain::name))
        .map(domain -> Routes.Rule.onDemand(domain, rules)), rules.stream()).toList();
    return new Routes(all, Set.copyOf(inbound.settings().local().domains()));
  }

  /** Relative paths start at {@code base}. */
  static DeliverySettings delivery(Section section, InboundSettings inbound, List<ListenerSettings> listeners,
      Path base) {
    Domain hostname = inbound.hostname();
    var names = new HashSet<Domain>(inbound.local().domains());
    names.add(hostname);
    List<InetSocketAddress> addresses = listeners.stream().flatMap(listener -> listener.addresses().stream()).toList();
    return new DeliverySettings(hostname, new Ourselves(names, addresses),
        section.count("port", DeliverySettings.SMTP_PORT, 1, 65_535),
        section.count("messages-per-connection", DeliverySettings.MAX_MESSAGES, 1, 100_000), timeouts(section),
        new TlsSettings(section.choice("tls", TlsLevel.OPPORTUNISTIC),
            authorities(section, "tls-authorities-file", base),
            section.flag("requiretls-by-dns", false)),
        new FieldSettings(section.flag("priority-field", true), Set.copyOf(section.list("rrvs-field-domains",
            List.<Domain>of(), "a domain", Domain::parse))));
  }

  /** Reads those whose word is trusted from the file that {@code key} names; without one they are those of the system. */
  static Authorities authorities(Section section, String key, Path base) {
    var file = section.optional(key, "a file", text -> Values.path(base, text));
    try {
      return file.isPresent() ? Authorities.read(file.get()) : Authorities.OF_SYSTEM;
    } catch (IOException e) {
      section.reject(key, "cannot be used: " + file.map(Path::toString).orElse("") + ": "
          + Reason.of(e));
      return Authorities.OF_SYSTEM;
    }
  }

  private static ClientTimeouts timeouts(Section section) {
    var standard = ClientTimeouts.DEFAULT;
    return new ClientTimeouts(section.duration("connect-timeout", standard.connect(), SECOND, HOUR),
        section.duration("greeting-timeout", standard.greeting(), SECOND, HOUR),
        section.duration("command-timeout", standard.command(), SECOND, HOUR),
        section.duration("data-start-timeout", standard.dataStart(), SECOND, HOUR),
        section.duration("data-block-timeout", standard.dataBlock(), SECOND, HOUR),
        section.duration("data-end-timeout", standard.dataEnd(), SECOND, HOUR),
        section.duration("quit-timeout", standard.quit(), SECOND, HOUR));
  }

  static QueueSettings queue(Section delivery, Section retry, Section queue, Optional<Mailbox> doubleBouncesTo) {
    var standard = QueueSettings.DEFAULT;
    var settings = new QueueSettings(schedule(retry), sites(delivery),
        delivery.count("connections", standard.lanes(), 1, 100_000),
        queue.count("ready-per-destination", standard.readyRecipients(), 10, 1_000_000),
        atLeast(queue, "ready-per-destination", "ready",
            queue.count("ready", standard.memoryRecipients(), 10, 10_000_000)),
        delivery.duration("idle", standard.laneIdle(), Duration.ZERO, Duration.ofMinutes(5)), doubleBouncesTo);
    return settings;
  }

  /** Returns {@code greater}, made at least as large as what {@code lesserKey} says, which is reported. */
  private static int atLeast(Section section, String lesserKey, String greaterKey, int greater) {
    int lesser = section.count(lesserKey, QueueSettings.DEFAULT.readyRecipients(), 10, 1_000_000);
    if (greater < lesser) {
      section.reject(greaterKey, "is " + greater + ", less than \"" + lesserKey + "\", which is " + lesser);
    }
    return Math.max(lesser, greater);
  }

  private static SiteLimits sites(Section delivery) {
    var standard = SiteLimits.DEFAULT;
    int initial = delivery.count("concurrency-start", standard.initial(), 1, 10_000);
    int most = delivery.count("concurrency-max", standard.most(), 1, 10_000);
    var first = delivery.duration("backoff-first", standard.firstBackoff(), SECOND, DAY);
    var longest = delivery.duration("backoff-longest", standard.longestBackoff(), SECOND, DAY);
    int unreached = delivery.count("unreached-before-backoff", standard.unreachedBeforeBackoff(), 1, 1000);
    if (initial > most) {
      delivery.reject("concurrency-start", "is " + initial + ", more than \"concurrency-max\", which is " + most);
    }
    boolean isOrdered = requireOrder(delivery, "backoff-first", first, "backoff-longest", longest);
    return initial > most || !isOrdered ? standard : new SiteLimits(initial, most, unreached, first, longest);
  }

  private static RetrySchedule schedule(Section retry) {
    var standard = RetrySchedule.DEFAULT;
    var first = retry.duration("first", standard.first(), SECOND, DAY);
    var longest = retry.duration("longest", standard.longest(), SECOND, Duration.ofDays(7));
    double jitter = retry.fraction("jitter", standard.jitter(), 0.5);
    var lifetime = retry.duration("lifetime", standard.lifetime(), SECOND, Duration.ofDays(30));
    var nullSender = retry.duration("null-sender-lifetime", standard.nullSenderLifetime(), SECOND, Duration.ofDays(30));
    var report = retry.duration("delay-report", standard.delayReportAfter(), Duration.ZERO, Duration.ofDays(30));
    retry.finish();
    return requireOrder(retry, "first", first, "longest", longest)
        ? new RetrySchedule(first, longest, jitter, lifetime, nullSender, report)
        : standard;
  }

  private static boolean requireOrder(Section section, String lesser, Duration less, String greater, Duration more) {
    if (less.compareTo(more) > 0) {
      section.reject(lesser, "is " + Quantity.of(less) + ", longer than \"" + greater + "\", which is "
          + Quantity.of(more));
    }
    return less.compareTo(more) <= 0;
  }

  static SpoolSettings spool(Section queue) {
    var standard = SpoolSettings.DEFAULT;
    return new SpoolSettings(queue.bytes("free-space-floor", standard.minFreeBytes(), 0, 1024 * GIGABYTE),
        queue.count("writers", standard.writers(), 1, 256), journal(queue));
  }

  private static JournalSettings journal(Section queue) {
    var standard = JournalSettings.DEFAULT;
    return new JournalSettings(
        (int) queue.bytes("journal-largest-message", standard.largestEntryBytes(), 0, 16 * MEGABYTE),
        standard.segmentBytes(), queue.bytes("journal-memory", standard.memoryBytes(), 0, 64 * GIGABYTE),
        queue.count("journal-messages", standard.messages(), 100, 1_000_000),
        queue.bytes("journal-size", standard.bytes(), 64 * MEGABYTE, 64 * GIGABYTE), standard.timing());
  }

  /** Reads who gets bounces that cannot be delivered: nobody, or whoever is postmaster here. */
  static Optional<Mailbox> doubleBouncesTo(Section bounce, InboundRules inbound) {
    var choice = bounce.parsed("double-bounce", "drop", "\"drop\" or \"postmaster\"",
        text -> Optional.of(text).filter(one -> one.equals("drop") || one.equals("postmaster")));
    if (choice.equals("drop")) {
      return Optional.empty();
    }
    return switch (inbound.policy().decide(true, new ForwardPath.Postmaster(), RcptParameters.NONE)) {
      case Decision.Accept(var recipients) -> Optional.of(recipients.getFirst().address());
      case Decision.Refuse _ -> {
        bounce.reject("double-bounce", "needs a postmaster: set \"local.postmaster\"");
        yield Optional.empty();
      }
    };
  }
}
