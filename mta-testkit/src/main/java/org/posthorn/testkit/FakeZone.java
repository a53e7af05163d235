package org.posthorn.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.posthorn.testkit.DnsWire.Response;
import org.posthorn.testkit.DnsWire.Rr;

/** The names that a {@link FakeDnsServer} knows, and how it misbehaves for some of them. Immutable. */
final class FakeZone {
  /** A way in which a server can be of no use, or worse. */
  enum Behaviour {
    SERVFAIL, REFUSED, NXDOMAIN, TIMEOUT, TRUNCATE, MISMATCH, WRONGSOURCE, GARBAGE, NOEDNS, NOSOA, NOCHASE, REFERRAL
  }

  private record Rule(String name, Behaviour behaviour, String type) {}

  private static final long DEFAULT_TTL = 300;
  private static final int MAX_CHAIN = 16;
  private static final Rr DEFAULT_SOA = new Rr("", DEFAULT_TTL, "SOA",
      "ns.invalid hostmaster.invalid 1 3600 600 86400 60");

  private final List<Rr> records = new ArrayList<>();
  private final List<Rule> rules = new ArrayList<>();

  /** Reads {@code name [ttl] type value} or {@code name behaviour [type]} a line; throws IllegalArgumentException. */
  FakeZone(String text) {
    text.lines().map(String::strip).filter(line -> !line.isEmpty() && !line.startsWith("#")).forEach(this::add);
  }

  private void add(String line) {
    var fields = new ArrayList<>(Arrays.asList(line.split("\\s+")));
    String name = normal(fields.removeFirst());
    long ttl = fields.getFirst().matches("\\d+") ? Long.parseLong(fields.removeFirst()) : DEFAULT_TTL;
    String type = fields.removeFirst().toUpperCase(Locale.ROOT);
    String value = String.join(" ", fields);
    if (DnsWire.TYPES.containsKey(type)) {
      records.add(new Rr(name, ttl, type, value));
    } else {
      rules.add(new Rule(name, Behaviour.valueOf(type), value.toUpperCase(Locale.ROOT)));
    }
  }

  /** Says whether questions for {@code name} and {@code type} are treated so. */
  boolean has(Behaviour behaviour, String name, String type) {
    return rules.stream()
        .anyMatch(rule -> rule.behaviour() == behaviour && rule.name().equals(name)
            && (rule.type().isEmpty() || rule.type().equals(type)));
  }

  /** Answers as a recursive resolver would: CNAMEs followed within the zone, SOA with a negative answer. */
  Response answer(String name, String type) {
    if (has(Behaviour.SERVFAIL, name, type)) {
      return Response.error(DnsWire.SERVFAIL);
    }
    if (has(Behaviour.REFUSED, name, type)) {
      return Response.error(DnsWire.REFUSED);
    }
    if (has(Behaviour.REFERRAL, name, type)) {
      return new Response(DnsWire.NOERROR, false, List.of(), List.of(new Rr(name, DEFAULT_TTL, "NS", "ns.invalid")));
    }
    var answers = new ArrayList<Rr>();
    String at = name;
    Set<String> seen = new HashSet<>();
    while (seen.size() < MAX_CHAIN && seen.add(at)) {
      List<Rr> found = find(at, type);
      if (!found.isEmpty()) {
        answers.addAll(found);
        return new Response(DnsWire.NOERROR, false, answers, List.of());
      }
      List<Rr> alias = find(at, "CNAME");
      if (alias.isEmpty()) {
        boolean isThere = exists(at) && !has(Behaviour.NXDOMAIN, at, type);
        List<Rr> authority = has(Behaviour.NOSOA, name, type) ? List.of() : List.of(startOfAuthority(at));
        return new Response(isThere ? DnsWire.NOERROR : DnsWire.NXDOMAIN, false, answers, authority);
      }
      answers.addAll(alias);
      at = normal(alias.getFirst().value());
      if (has(Behaviour.NOCHASE, name, type)) {
        break;
      }
      if (has(Behaviour.SERVFAIL, at, type)) {
        return Response.error(DnsWire.SERVFAIL); // as a recursive resolver that cannot follow the alias
      }
    }
    return new Response(DnsWire.NOERROR, false, answers, List.of());
  }

  /** Returns the records, from a wildcard when only that covers the name (RFC 4592 §3.3.1). */
  private List<Rr> find(String name, String type) {
    String owner = owner(name);
    return records.stream()
        .filter(record -> record.name().equals(owner) && record.type().equals(type))
        .map(record -> new Rr(name, record.ttl(), record.type(), record.value()))
        .toList();
  }

  private boolean exists(String name) {
    return isNode(owner(name));
  }

  /** Returns the name whose records answer for {@code name}: itself, or the wildcard below its closest encloser. */
  private String owner(String name) {
    String encloser = name;
    while (!encloser.isEmpty() && !isNode(encloser)) {
      encloser = parent(encloser);
    }
    return encloser.equals(name) ? name : "*." + encloser;
  }

  /** Says whether there is anything at or below {@code name}. */
  private boolean isNode(String name) {
    return records.stream().anyMatch(record -> record.name().equals(name) || record.name().endsWith("." + name));
  }

  private Rr startOfAuthority(String name) {
    Optional<Rr> closest = records.stream()
        .filter(record -> record.type().equals("SOA"))
        .filter(record -> name.equals(record.name()) || name.endsWith("." + record.name()))
        .max(Comparator.comparingInt(record -> record.name().length()));
    return closest.orElse(DEFAULT_SOA);
  }

  private static String parent(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1);
  }

  private static String normal(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
