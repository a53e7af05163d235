package org.posthorn.dns;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.posthorn.dns.MxResult.MxHost;
import org.posthorn.smtp.Domain;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * Asks recursive resolvers, by the messages of dnsjava. Blocks its caller, at best a virtual thread, for at most servers ×
 * attempts × timeout for each name that it has to ask for; an interrupted caller stops waiting at once.
 */
public final class DnsjavaResolver implements MailResolver {
  /** An address with more names than this has none that means anything. */
  private static final int MAX_NAMES = 5;

  private final CachedLookups lookups;
  private final Duration patience;
  private final RandomGenerator random;

  /**
   * @param clock measures TTLs
   * @param random shuffles mail hosts of equal preference; safe for use by many threads
   */
  public DnsjavaResolver(DnsSettings settings, InstantSource clock, RandomGenerator random) {
    Supplier<List<InetSocketAddress>> servers = settings.servers().isEmpty()
        ? new ResolvConf(ResolvConf.PATH)
        : settings::servers;
    var nameServers = new NameServers(servers, settings.timeout(), settings.attempts());
    this.lookups = new CachedLookups(nameServers::ask, settings, clock);
    this.patience = settings.timeout().multipliedBy(settings.attempts());
    this.random = random;
  }

  @Override
  public MxResult mailHosts(Domain domain) throws InterruptedException {
    Optional<Name> name = name(domain);
    if (name.isEmpty()) {
      return new MxResult.NoSuchDomain();
    }
    return switch (follow(new Question(name.get(), Type.MX))) {
      case Answer.Records(var records, _) -> mailHosts(records);
      case Answer.NoData _ -> implicitHost(domain);
      case Answer.NoSuchName _ -> new MxResult.NoSuchDomain();
      case Answer.Failure(var reason) -> new MxResult.Unavailable(reason);
      case Answer.Alias _ -> throw new IllegalStateException("an alias that was not followed");
    };
  }

  /** Sorts the hosts; a null MX counts only when there is nothing else (RFC 7505 §3). */
  private MxResult mailHosts(List<Record> records) {
    var all = new ArrayList<MXRecord>();
    records.forEach(record -> all.add((MXRecord) record));
    if (all.stream().allMatch(mx -> mx.getTarget().equals(Name.root))) {
      return new MxResult.NullMx();
    }
    Collections.shuffle(all, random);
    all.sort(Comparator.comparingInt(MXRecord::getPriority)); // stable: equal ones stay shuffled
    var hosts = new ArrayList<MxHost>();
    Set<Domain> seen = new HashSet<>();
    for (MXRecord mx : all) {
      hostName(mx.getTarget()).filter(seen::add).ifPresent(host -> hosts.add(new MxHost(mx.getPriority(), host)));
    }
    return hosts.isEmpty() ? new MxResult.NoMailHost() : new MxResult.Hosts(hosts);
  }

  /** A domain without MX takes its mail itself, if it has an address (RFC 5321 §5.1). */
  private MxResult implicitHost(Domain domain) throws InterruptedException {
    return switch (addresses(domain)) {
      case AddressResult.Addresses _ -> new MxResult.Hosts(List.of(new MxHost(0, domain)));
      case AddressResult.None _ -> new MxResult.NoMailHost();
      case AddressResult.Unavailable(var reason) -> new MxResult.Unavailable(reason);
    };
  }

  @Override
  public AddressResult addresses(Domain host) throws InterruptedException {
    Optional<Name> name = name(host);
    if (name.isEmpty()) {
      return new AddressResult.None();
    }
    if (host.name().equals("localhost") || host.name().endsWith(".localhost")) { // RFC 6761 §6.3: never asked of the DNS
      return new AddressResult.Addresses(List.of(InetAddress.ofLiteral("::1"), InetAddress.ofLiteral("127.0.0.1")));
    }
    var six = new Question(name.get(), Type.AAAA);
    var four = new Question(name.get(), Type.A);
    Future<Answer> firstSix = lookups.ask(six);
    Future<Answer> firstFour = lookups.ask(four); // both are under way before we wait for either
    return merge(follow(six, firstSix), follow(four, firstFour));
  }

  /** One family's answer is enough when the other's server fails; without an address the failure decides. */
  private static AddressResult merge(Answer six, Answer four) {
    List<InetAddress> found = new ArrayList<>(addresses(six));
    found.addAll(addresses(four));
    // An IPv4 address in an AAAA record (::ffff:192.0.2.1) is one for the JDK as well, and sorted so.
    List<InetAddress> sorted = found.stream()
        .distinct()
        .sorted(Comparator.comparing(a -> !(a instanceof Inet6Address)))
        .toList();
    if (!sorted.isEmpty()) {
      return new AddressResult.Addresses(sorted);
    }
    return Stream.of(six, four)
        .filter(Answer.Failure.class::isInstance)
        .map(Answer.Failure.class::cast)
        .findFirst()
        .<AddressResult>map(failure -> new AddressResult.Unavailable(failure.reason()))
        .orElseGet(AddressResult.None::new);
  }

  private static List<InetAddress> addresses(Answer answer) {
    if (!(answer instanceof Answer.Records(var records, _))) {
      return List.of();
    }
    // 0.0.0.0 and :: lead to this machine, whoever it is; nobody's mail is taken at a multicast address.
    return records.stream()
        .map(DnsjavaResolver::address)
        .filter(address -> !address.isAnyLocalAddress() && !address.isMulticastAddress())
        .toList();
  }

  private static InetAddress address(Record record) {
    InetAddress named = record instanceof AAAARecord six ? six.getAddress() : ((ARecord) record).getAddress();
    try {
      return InetAddress.getByAddress(named.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // neither 4 nor 16 octets
    }
  }

  /** Gives up, for this call, after attempts × timeout: a client waits for its greeting meanwhile. */
  @Override
  public Optional<Domain> confirmedName(InetAddress address) throws InterruptedException {
    var search = new FutureTask<>(() -> searchName(address));
    Thread.ofVirtual().name("dns name of " + address.getHostAddress()).start(search);
    try {
      return search.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("look-up of a name failed", e.getCause());
    } finally {
      search.cancel(true);
    }
  }

  private Optional<Domain> searchName(InetAddress address) throws InterruptedException {
    Answer answer = follow(new Question(ReverseMap.fromAddress(address), Type.PTR));
    if (!(answer instanceof Answer.Records(var records, _))) {
      return Optional.empty();
    }
    List<Domain> names = records.stream()
        .flatMap(record -> hostName(((PTRRecord) record).getTarget()).stream())
        .distinct()
        .limit(MAX_NAMES)
        .toList();
    for (Domain name : names) {
      if (addresses(name) instanceof AddressResult.Addresses(var found) && found.contains(address)) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  private Answer follow(Question question) throws InterruptedException {
    return follow(question, lookups.ask(question));
  }

  /** Waits for the answer, and asks on when the server names an alias without saying what that leads to. */
  private Answer follow(Question question, Future<Answer> asked) throws InterruptedException {
    Answer answer = await(asked);
    for (int hops = 0; hops < AnswerReader.MAX_CHAIN; hops++) {
      if (!(answer instanceof Answer.Alias(var target, _))) {
        return answer;
      }
      answer = await(lookups.ask(new Question(target, question.type())));
    }
    return AnswerReader.tooLong(question);
  }

  private static Answer await(Future<Answer> answer) throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("look-up failed", e.getCause());
    }
  }

  /** Returns the name as the DNS has it; empty for one that the DNS cannot hold, and which therefore does not exist. */
  private static Optional<Name> name(Domain domain) {
    try {
      return Optional.of(Name.fromString(domain.name(), Name.root));
    } catch (TextParseException _) {
      return Optional.empty();
    }
  }

  /** Returns a host name from a record; empty for the root, and for an address written where a name belongs. */
  private static Optional<Domain> hostName(Name name) {
    String text = name.toString(true);
    String last = text.substring(text.lastIndexOf('.') + 1);
    return last.chars().allMatch(Character::isDigit) ? Optional.empty() : Domain.parse(text);
  }
}
