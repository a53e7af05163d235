package org.posthorn.daemon.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.posthorn.daemon.config.Configuration.Admin;
import org.posthorn.daemon.config.Configuration.Bounce;
import org.posthorn.daemon.config.Configuration.DoubleBounce;
import org.posthorn.daemon.config.Configuration.Listener;
import org.posthorn.daemon.config.Configuration.ListenerKind;
import org.posthorn.daemon.config.Configuration.Local;
import org.posthorn.daemon.config.Configuration.Log;
import org.posthorn.daemon.config.Configuration.LogFormat;
import org.posthorn.daemon.config.Configuration.LogLevel;
import org.posthorn.daemon.config.Configuration.MailboxFormat;
import org.posthorn.daemon.config.Configuration.Relay;
import org.posthorn.daemon.config.Configuration.Smtp;
import org.posthorn.smtp.Domain;
import org.tomlj.Toml;
import org.tomlj.TomlPosition;

/**
 * Reads the settings. All defaults stand here, in {@link Bounds} and in {@link Sending}.
 *
 * <p>Strict: an unknown key, a wrong type or an impossible value fails, and everything that is wrong is named at once.
 */
public final class ConfigurationReader {
  /** A file beyond this size is no settings file. */
  private static final int MAX_BYTES = 1 << 20;

  private static final Duration NONE = Duration.ZERO;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Environment environment;
  private final BiConsumer<String, String> witness;

  /** Takes what the defaults depend on. */
  public ConfigurationReader(Environment environment) {
    this(environment, (_, _) -> {});
  }

  /** Also tells {@code witness} the full name of each key it knows, with the default as the file would write it. */
  ConfigurationReader(Environment environment, BiConsumer<String, String> witness) {
    this.environment = environment;
    this.witness = witness;
  }

  /** Reads {@code file}; relative paths in it start at its directory. */
  public Configuration read(Path file) throws ConfigException {
    String text;
    try {
      text = Files.size(file) > MAX_BYTES ? tooLarge(file) : Files.readString(file);
    } catch (IOException e) {
      throw new ConfigException(List.of(new Problem(file.toString(), 0, 0, "cannot be read: " + Reason.of(e))));
    }
    var base = environment.workingDirectory().resolve(file).normalize().getParent();
    return parse(text, file.toString(), base == null ? Path.of("/") : base, Path.of("/var/lib/posthorn"));
  }

  /** Returns the settings of a daemon without a file: on loopback, with all its data under {@code ./data}. */
  public Configuration embedded() {
    try {
      var here = environment.workingDirectory();
      return parse("", "(embedded default)", here, here.resolve("data"));
    } catch (ConfigException e) {
      throw new IllegalStateException("the defaults do not pass our own checks", e);
    }
  }

  private static String tooLarge(Path file) throws ConfigException {
    throw new ConfigException(List.of(new Problem(file.toString(), 0, 0, "is larger than "
        + Quantity.of(MAX_BYTES) + ", so it is no settings file")));
  }

  Configuration parse(String text, String name, Path base, Path dataDirectory) throws ConfigException {
    var problems = new Problems(name);
    var toml = Toml.parse(text);
    toml.errors().forEach(error -> problems.add(error.position(), String.valueOf(error.getMessage())));
    problems.throwIfAny();
    var top = new Section(toml, TomlPosition.positionAt(1, 1), "", problems, witness);
    var configuration = configuration(top, base, dataDirectory, problems);
    problems.throwIfAny();
    return configuration;
  }

  private Configuration configuration(Section top, Path base, Path standardData, Problems problems) {
    Domain hostname = top.parsed("hostname", environment.hostName(), "a host name such as \"mail.example.org\"",
        Values::domain);
    Path data = top.parsed("data-directory", standardData, "a directory", text -> Values.path(base, text));
    var listeners = listeners(top);
    var relay = relay(top.table("relay"));
    var local = local(top.table("local"), hostname, base, data, problems);
    var limits = Bounds.limits(top.table("limits"));
    var smtp = smtp(top.table("smtp"));
    var dns = Sending.dns(top.table("dns"));
    var routes = Sending.routes(top);
    var delivery = Sending.delivery(top.table("delivery"));
    var retry = Sending.retry(top.table("retry"));
    var bounce = bounce(top.table("bounce"));
    var queue = Bounds.queue(top.table("queue"));
    var log = log(top.table("log"), base);
    var admin = admin(top.table("admin"), base, data);
    top.finish();
    return new Configuration(hostname, data, listeners, relay, local, limits, smtp, dns, routes, delivery, retry,
        bounce,
        queue, log, admin);
  }

  private List<Listener> listeners(Section top) {
    var standard = List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2525));
    var sections = top.tables("listener");
    if (sections.isEmpty()) {
      return List.of(new Listener(standard, ListenerKind.MX));
    }
    return sections.stream().map(section -> {
      var addresses = section.list("address", standard, "an address and port such as \"0.0.0.0:25\" or \"[::]:25\"",
          Values::socketAddress);
      var kind = section.parsed("kind", "mx", "\"mx\"", text -> kind(section, text));
      section.finish();
      return new Listener(addresses, ListenerKind.valueOf(kind.toUpperCase(Locale.ROOT)));
    }).toList();
  }

  /** The kinds of RFC 6409 and RFC 8314 are refused rather than served without TLS. */
  private static Optional<String> kind(Section section, String text) {
    if (text.equals("submission") || text.equals("submissions")) {
      section.reject("kind", "\"" + text + "\" needs TLS and AUTH, which this version does not have yet");
      return Optional.of("mx");
    }
    return Optional.of(text).filter("mx"::equals);
  }

  private Relay relay(Section section) {
    var loopback = List.of(new Network(InetAddress.ofLiteral("127.0.0.0"), 8),
        new Network(InetAddress.ofLiteral("::1"), 128));
    var relay = new Relay(
        section.list("trusted-networks", loopback, "a network such as \"192.0.2.0/24\", without bits beyond the prefix",
            Network::parse),
        Set.copyOf(section.list("relay-domains", List.<Domain>of(), "a domain name", Values::domain)));
    section.finish();
    return relay;
  }

  private Local local(Section section, Domain hostname, Path base, Path data, Problems problems) {
    var domains = section.list("domains", List.copyOf(new LinkedHashSet<>(List.of(Domain.of("localhost"), hostname))),
        "a domain name", Values::domain);
    var users = users(section, base, problems);
    var maildir = section.parsed("maildir", data.resolve("mail/{domain}/{user}").toString(),
        "a path with {user}, and {domain} if there is more than one domain", text -> Values.mailboxes(base, text));
    var mbox = section.optional("mbox", "a path with {user}, and {domain} if there is more than one domain",
        text -> Values.mailboxes(base, text));
    if (mbox.isPresent() && section.has("maildir")) {
      section.reject("mbox", "excludes \"maildir\": mailboxes are kept in one way");
    }
    var mailboxes = mbox.orElse(maildir);
    if (domains.size() > 1 && !mailboxes.contains("{domain}")) {
      section.reject(mbox.isPresent() ? "mbox" : "maildir",
          "must contain {domain}, or users of the same name in two domains would share a mailbox");
    }
    var local = new Local(Set.copyOf(domains), users, mbox.isPresent() ? MailboxFormat.MBOX : MailboxFormat.MAILDIR,
        mailboxes, section.optional("aliases-file", "a file", text -> Values.path(base, text)),
        delimiter(section), section.parsed("postmaster", "postmaster", "a user or an address", Values::postmaster));
    section.finish();
    return local;
  }

  private Set<String> users(Section section, Path base, Problems problems) {
    var standard = Values.user(environment.userName()).stream().toList();
    var users = section.list("users", standard, "a user name, without \"@\" and spaces", Values::user);
    var file = section.optional("users-file", "a file", text -> Values.path(base, text));
    if (file.isPresent() && section.has("users")) {
      section.reject("users-file", "excludes \"users\": users are listed in one place");
    }
    return file.map(path -> UsersFile.read(path, problems)).orElseGet(() -> Set.copyOf(users));
  }

  private static Optional<Character> delimiter(Section section) {
    return section.parsed("recipient-delimiter", "+", "one character such as \"+\" or \"-\", or \"\" for none",
        text -> Optional.of(text).filter(one -> one.matches("[-+=_.#%!]?")))
        .chars()
        .mapToObj(c -> (char) c)
        .findFirst();
  }

  private static Smtp smtp(Section section) {
    var smtp = new Smtp(section.flag("vrfy", false), section.flag("expn", false),
        section.duration("greeting-delay", NONE, NONE, MINUTE), section.flag("reverse-lookup", true));
    section.finish();
    return smtp;
  }

  private static Bounce bounce(Section section) {
    var bounce = new Bounce(section.bytes("return-size", 50 << 10, 1 << 10, 10 << 20),
        section.choice("double-bounce", DoubleBounce.DROP));
    section.finish();
    return bounce;
  }

  private static Log log(Section section, Path base) {
    var log = new Log(section.choice("format", LogFormat.TEXT),
        section.optional("file", "a file", text -> Values.path(base, text)),
        section.choice("level", LogLevel.INFO));
    section.finish();
    return log;
  }

  private static Admin admin(Section section, Path base, Path data) {
    var socket = section.parsed("socket", data.resolve("admin.sock"), "a path of at most 100 octets",
        text -> Values.path(base, text));
    if (socket.toString().length() > 100) { // sun_path holds 108 octets with its final NUL
      section.reject("socket", "is longer than the 100 octets that a Unix socket may have: " + socket);
    }
    var admin = new Admin(socket, section.optional("metrics-address",
        "an address and port such as \"127.0.0.1:9125\"", Values::socketAddress));
    section.finish();
    return admin;
  }
}
