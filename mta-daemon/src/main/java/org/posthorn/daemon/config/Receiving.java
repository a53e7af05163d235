package org.posthorn.daemon.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.DovecotSocket;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.UserDirectory;
import org.posthorn.daemon.auth.token.TokenSettings;
import org.posthorn.daemon.config.ConfigurationReader.Scope;
import org.posthorn.daemon.inbound.Aliases;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.ConsentSettings;
import org.posthorn.daemon.inbound.FrontEnds;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.inbound.LocalSettings;
import org.posthorn.daemon.inbound.LocalUsers;
import org.posthorn.daemon.inbound.MessageLimits;
import org.posthorn.daemon.inbound.NetworkSet;
import org.posthorn.daemon.inbound.Owners;
import org.posthorn.daemon.inbound.RelaySettings;
import org.posthorn.daemon.inbound.SessionSettings;
import org.posthorn.daemon.inbound.SubmissionSettings;
import org.posthorn.daemon.inbound.TrustedClient;
import org.posthorn.daemon.quota.Limit;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.daemon.socket.AddressText;
import org.posthorn.daemon.socket.SocketFile;
import org.posthorn.delivery.mailbox.MailboxSettings;
import org.posthorn.delivery.mailbox.MailboxSettings.Format;
import org.posthorn.daemon.tracking.TrackingSettings;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Solicitation;

/** Reads how mail is received: {@code listener}, {@code relay}, {@code auth}, {@code submission}, {@code local}, {@code limits} and {@code smtp}. */
final class Receiving {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final long MEGABYTE = 1L << 20;

  private final Environment environment;
  private final Path base;
  private final Scope scope;
  private final Securing securing;

  /** Relative paths start at {@code base}. */
  Receiving(Environment environment, Path base, Scope scope) {
    this.environment = environment;
    this.base = base;
    this.scope = scope;
    this.securing = new Securing(base);
  }

  List<ListenerSettings> listeners(Section top) {
    var standard = List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2525));
    var sections = top.tables("listener");
    if (sections.isEmpty()) {
      return List.of(new ListenerSettings(standard, ListenerSettings.Kind.MX));
    }
    var taken = new HashSet<InetSocketAddress>();
    return sections.stream().map(section -> listener(section, standard, taken)).toList();
  }

  /** Reads a listener at addresses beyond {@code taken}, which its own are added to. */
  private ListenerSettings listener(Section section, List<InetSocketAddress> standard, Set<InetSocketAddress> taken) {
    var socket = socket(section);
    var addresses = section.list("address", socket.isPresent() ? List.<InetSocketAddress>of() : standard,
        "an address and port such as \"0.0.0.0:25\" or \"[::]:25\"", Values::socketAddress);
    var terms = securing.terms(section);
    if (addresses.isEmpty() && socket.isEmpty()) {
      section.rejectWhenFirst("address", "must name at least one address");
      addresses = standard;
    }
    addresses.stream()
        .filter(address -> address.getPort() != 0 && !taken.add(address))
        .forEach(address -> section.reject("address", "cannot be " + AddressText.of(address) + " twice"));
    if (terms.isLmtp() && addresses.stream().anyMatch(address -> address.getPort() == 25)) {
      section.reject("address", "cannot be port 25 for \"lmtp\" (RFC 2033 §5)");
    }
    section.finish();
    return new ListenerSettings(addresses, socket, terms);
  }

  private Optional<SocketFile> socket(Section section) {
    var path = section.optional("socket", Values.SOCKET_PATH, text -> Values.path(base, text));
    path.ifPresent(socket -> Values.socketPath(section, socket));
    var mode = section.parsed("socket-mode", "0660", "a mode such as \"0660\"",
        text -> Values.mode(text).map(_ -> text));
    var owner = section.optional("socket-owner", "a user of this machine", Optional::of);
    var group = section.optional("socket-group", "a group of this machine", Optional::of);
    return path.map(socket -> new SocketFile(socket, Values.mode(mode).orElseThrow(), owner, group));
  }

  RelaySettings relay(Section section, Section top) {
    var trusted = section.list("trusted-networks", List.of("127.0.0.0/8", "::1/128"),
        "a network such as \"192.0.2.0/24\", without bits beyond the prefix",
        text -> Values.checked(text, network -> NetworkSet.of(List.of(network))));
    var clients = clients(top);
    var domains = section.list("relay-domains", List.<Domain>of(), "a domain name", Values::domain);
    var certificates = securing.trusted(section);
    var frontEnds = new FrontEnds(Values.networks(section, "xclient-networks"),
        Values.networks(section, "xforward-networks"));
    section.finish();
    return new RelaySettings(NetworkSet.of(trusted), certificates, clients, frontEnds, Set.copyOf(domains));
  }

  private static List<TrustedClient> clients(Section top) {
    return top.tables("client").stream().map(section -> {
      var networks = section.list("networks", List.<String>of(), "a network such as \"192.0.2.0/24\"",
          text -> Values.checked(text, network -> NetworkSet.of(List.of(network))));
      if (networks.isEmpty()) {
        section.reject("networks", "must name at least one network");
      }
      var name = section.parsed("name", String.join(" ", networks), "a name", Optional::of);
      var client = new TrustedClient(name, NetworkSet.of(networks), section.list("senders",
          List.<AddressPattern>of(new AddressPattern.Any()), "an address, \"@example.org\" or \"*\"",
          AddressPattern::parse), limits(section).unusual());
      section.finish();
      return client;
    }).toList();
  }

  /** Reads how much one may send; what is not there is not limited here. */
  static SendingLimits limits(Section section) {
    var limits = new EnumMap<Limit, Integer>(Limit.class);
    for (var limit : Limit.values()) {
      int value = section.count(limit.key(), limit.usual(), 0, 100_000_000);
      if (section.has(limit.key())) {
        limits.put(limit, value);
      }
    }
    return new SendingLimits(limits);
  }

  private Optional<TokenSettings> tokens(Section section) {
    var keys = section.optional("token-keys", "a file, or an https address",
        text -> text.startsWith("https://") ? Optional.of(text) : Values.path(base, text).map(Path::toString));
    var issuer = section.optional("token-issuer", "a text", Optional::of);
    var audience = section.optional("token-audience", "a text", Optional::of);
    var claim = section.parsed("token-login", "email", "the name of a claim", Optional::of);
    if (keys.isPresent() && (issuer.isEmpty() || audience.isEmpty())) {
      section.reject("token-keys",
          "needs token-issuer and token-audience too: a token for somebody else is none for us");
    }
    return keys.flatMap(place -> issuer.flatMap(by -> audience.map(to -> new TokenSettings(place, by, to, claim))));
  }

  private Optional<UserDirectory> directory(Section section) {
    var dovecot = section.optional("dovecot", "the path of a socket, or an address and port",
        text -> dovecot(base, text));
    var ldap = new LdapSection(section, base).read();
    if (dovecot.isPresent() && ldap.isPresent()) {
      section.reject("dovecot", "excludes ldap-servers: one of them knows the passwords");
    }
    return ldap.<UserDirectory>map(settings -> settings).or(() -> dovecot);
  }

  private static Optional<DovecotSocket> dovecot(Path base, String text) {
    return (text.contains("/")
        ? Values.path(base, text).map(Path::toString)
        : Values.socketAddress(text).map(address -> address.getAddress().getHostAddress() + ":" + address.getPort()))
        .map(DovecotSocket::new);
  }

  /** Reads who may log in. */
  AuthSettings auth(Section section) {
    var standard = AuthSettings.NONE;
    var usersFile = section.optional("users-file", "a file", text -> Values.path(base, text));
    var users = usersFile.filter(_ -> scope != Scope.PUBLIC)
        .flatMap(file -> read(section, "users-file", () -> Values.users(file)));
    var mechanisms = section.list("mechanisms", AuthSettings.STANDARD.stream().map(Mechanism::saslName).toList(),
        "a SASL mechanism such as \"PLAIN\" or \"SCRAM-SHA-256\"",
        text -> Mechanism.named(text).map(Mechanism::saslName));
    var guard = guard(section);
    var auth = new AuthSettings(mechanisms.stream().flatMap(name -> Mechanism.named(name).stream()).toList(),
        users.orElse(standard.accounts()),
        directory(section),
        tokens(section),
        usersFile, section.flag("on-mx", standard.onMx()), guard,
        new AuthSettings.Hashing(section.count("password-threads", standard.hashing().threads(), 1, 64),
            section.duration("password-wait", standard.hashing().patience(), SECOND, MINUTE)));
    section.finish();
    return auth;
  }

  static SubmissionSettings submission(Section section) {
    var standard = SubmissionSettings.DEFAULT;
    var submission = new SubmissionSettings(section.choice("foreign-from", standard.from()), limits(section).unusual(),
        section.choice("over-limit", standard.over()), section.flag("hide-client", standard.hideClient()));
    section.finish();
    return submission;
  }

  private static GuardSettings guard(Section section) {
    var standard = GuardSettings.DEFAULT;
    return new GuardSettings(section.count("failures-per-client", standard.failuresPerClient(), 1, 10_000),
        section.count("failures-per-user", standard.failuresPerUser(), 1, 10_000),
        section.duration("failure-memory", standard.memory(), MINUTE, Duration.ofDays(30)),
        section.duration("failure-delay", standard.delay(), Duration.ZERO, Duration.ofSeconds(10)),
        section.duration("ban", standard.ban(), SECOND, Duration.ofDays(30)),
        section.duration("longest-ban", standard.longestBan(), SECOND, Duration.ofDays(365)));
  }

  SessionSettings session(Section limits, Section smtp) {
    var standard = SessionSettings.DEFAULT;
    return new SessionSettings(limits.count("command-line", standard.commandLineBytes(), 512, 65_536),
        limits.count("errors", standard.errors(), 1, 10_000),
        limits.count("idle-commands", standard.idleCommands(), 1, 1_000_000), smtp.flag("vrfy", standard.vrfy()),
        smtp.flag("expn", standard.expn()), smtp.flag("reverse-lookup", standard.reverseLookup()));
  }

  static TrackingSettings tracking(Section section) {
    var standard = TrackingSettings.DEFAULT;
    var tracking = new TrackingSettings(
        section.list("address", standard.addresses(), "an address and port such as \"0.0.0.0:1038\"",
            Values::socketAddress),
        section.duration("retention", standard.retention(), Duration.ofDays(1), Duration.ofDays(365)),
        section.count("messages", standard.messages(), 1, 10_000_000),
        section.count("connections", standard.connections(), 1, 100_000),
        section.count("connections-per-client", standard.perClient(), 1, 100_000));
    section.finish();
    return tracking;
  }

  /** Reads what nobody here wants; who owns what is read with the rest of {@code local}. */
  static ConsentSettings consent(Section smtp, TrackingSettings tracking) {
    var unwanted = smtp.list("no-soliciting", List.<String>of(), "a solicitation keyword such as \"net.example:ADV\"",
        text -> Solicitation.parse(text).filter(keywords -> keywords.size() == 1).map(List::getFirst));
    return smtp.make(() -> new ConsentSettings(unwanted, Optional.empty(), tracking.inForce()),
        ConsentSettings.DEFAULT);
  }

  ConnectionLimits connections(Section limits, Section smtp) {
    var standard = ConnectionLimits.DEFAULT;
    return new ConnectionLimits(limits.count("connections", standard.total(), 1, 1_000_000),
        limits.count("connections-per-client", standard.perClient(), 1, 1_000_000),
        limits.duration("command-timeout", standard.commandIdle(), SECOND, HOUR),
        limits.duration("data-timeout", standard.dataIdle(), SECOND, HOUR),
        (int) limits.bytes("min-data-rate", standard.bytesPerSecond(), 0, 1_000_000),
        smtp.duration("greeting-delay", standard.greetingDelay(), Duration.ZERO, MINUTE),
        limits.duration("handshake-timeout", standard.handshake(), SECOND, HOUR));
  }

  MessageLimits messages(Section limits) {
    var standard = MessageLimits.DEFAULT;
    return new MessageLimits(limits.bytes("message-size", standard.bytes(), 64 << 10, 2048 * MEGABYTE),
        limits.count("recipients", standard.recipients(), 100, 100_000),
        (int) limits.bytes("data-line", standard.lineBytes(), 1000, MEGABYTE),
        (int) limits.bytes("header-size", standard.headerBytes(), 64 << 10, 16 * MEGABYTE),
        limits.count("hops", standard.receivedFields(), 10, 1000));
  }

  MailboxSettings mailboxes(Section local, Path data) {
    var allowed = "a path with {user}, and {domain} if there is more than one domain";
    var maildir = local.parsed("maildir", data.resolve("mail/{domain}/{user}").toString(), allowed,
        text -> Values.mailboxes(base, text));
    var mbox = local.optional("mbox", allowed, text -> Values.mailboxes(base, text));
    if (mbox.isPresent() && local.has("maildir")) {
      local.reject("mbox", "excludes \"maildir\": mailboxes are kept in one way");
    }
    var delimiter = local.parsed("recipient-delimiter", "+", "one character such as \"+\" or \"-\", or \"\" for none",
        text -> Optional.of(text).filter(one -> one.matches("[-+=_.#%!]?")));
    return new MailboxSettings(mbox.isPresent() ? Format.MBOX : Format.MAILDIR, mbox.orElse(maildir),
        delimiter.chars().mapToObj(c -> (char) c).findFirst());
  }

  /** Reads the rest of {@code local}, and puts all that receiving depends on together. */
  InboundRules rules(Section local, InboundSettings settings, MailboxSettings mailboxes,
      List<ListenerSettings> listeners) {
    var domains = local.list("domains",
        List.copyOf(new LinkedHashSet<>(List.of(Domain.of("localhost"), environment.hostName()))), "a domain name",
        Values::domain);
    if (domains.size() > 1 && !mailboxes.pathTemplate().contains("{domain}")) {
      local.reject(mailboxes.format() == Format.MBOX ? "mbox" : "maildir",
          "must contain {domain}, or users of the same name in two domains would share a mailbox");
    }
    var users = users(local);
    var aliases = local.optional("aliases-file", "a file", text -> Values.path(base, text))
        .flatMap(file -> read(local, "aliases-file", () -> Aliases.read(file)))
        .orElse(Aliases.NONE);
    var owners = local.optional("owners-file", "a file", text -> Values.path(base, text))
        .flatMap(file -> read(local, "owners-file", () -> Owners.read(file)));
    var postmaster = local.optional("postmaster", "a user or an address", text -> Values.postmaster(text, domains));
    if (domains.isEmpty() && postmaster.isEmpty()) {
      local.reject("postmaster", "must be set where there is no local domain, for it is taken everywhere"
          + " (RFC 5321 §4.5.1)");
    }
    local.finish();
    var consent = settings.extensions().consent();
    return local.make(() -> InboundRules.of(settings
        .with(new LocalSettings(domains, users, aliases, postmaster, mailboxes.recipientDelimiter(),
            ownAddresses(listeners)))
        .with(settings.extensions().with(new ConsentSettings(consent.unwanted(), owners, consent.tracking())))),
        InboundRules.of(settings));
  }

  private LocalUsers users(Section local) {
    var standard = Values.user(environment.userName()).stream().toList();
    var users = local.list("users", standard, "a user name, or an address for a user of one domain", Values::user);
    var file = local.optional("users-file", "a file", text -> Values.path(base, text));
    if (file.isPresent() && local.has("users")) {
      local.reject("users-file", "excludes \"users\": users are listed in one place");
    }
    return file.flatMap(path -> read(local, "users-file", () -> LocalUsers.read(path)))
        .orElseGet(() -> LocalUsers.of(users));
  }

  private Set<InetAddress> ownAddresses(List<ListenerSettings> listeners) {
    var addresses = new HashSet<InetAddress>(environment.addresses());
    listeners.forEach(listener -> listener.addresses().forEach(address -> addresses.add(address.getAddress())));
    return addresses;
  }

  /** What is read from a file of its own. */
  private interface Source<T> {
    T read() throws IOException;
  }

  private static <T> Optional<T> read(Section section, String key, Source<T> source) {
    try {
      return Optional.of(source.read());
    } catch (IOException e) {
      section.reject(key, "cannot be read: " + Reason.of(e));
    } catch (IllegalArgumentException e) {
      section.reject(key, "does not hold what it should: " + e.getMessage());
    }
    return Optional.empty();
  }
}
