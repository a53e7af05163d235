package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.posthorn.daemon.config.Configuration.Admin;
import org.posthorn.daemon.config.Configuration.Log;
import org.posthorn.daemon.config.Configuration.LogFormat;
import org.posthorn.daemon.config.Configuration.LogLevel;
import org.posthorn.daemon.inbound.ExtensionSettings;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.LocalSettings;
import org.posthorn.daemon.tracking.TrackingSettings;
import org.posthorn.smtp.Domain;
import org.tomlj.Toml;
import org.tomlj.TomlPosition;

/**
 * Reads the settings. Strict: an unknown key, a wrong type or an impossible value fails, and everything that is wrong is
 * named at once.
 *
 * <p>A default stands in the record that it is a default of; the few that depend on the machine stand here.
 */
public final class ConfigurationReader {
  /** A file beyond this size is no settings file. */
  private static final int MAX_BYTES = 1 << 20;

  /** What is looked at. */
  enum Scope {
    /** What is for everybody: files with secrets, which only the daemon may read, are left alone. */
    PUBLIC,
    /** The settings, as they are written. */
    SETTINGS,
    /** And whether the disk is as they want it. */
    DISK
  }

  private final Environment environment;
  private final BiConsumer<String, String> witness;
  private final Scope scope;

  /** Takes what the defaults depend on. */
  public ConfigurationReader(Environment environment) {
    this(environment, (_, _) -> {});
  }

  /** Also tells {@code witness} the full name of each key it knows, with the default as the file would write it. */
  ConfigurationReader(Environment environment, BiConsumer<String, String> witness) {
    this(environment, witness, Scope.SETTINGS);
  }

  private ConfigurationReader(Environment environment, BiConsumer<String, String> witness, Scope scope) {
    this.environment = environment;
    this.witness = witness;
    this.scope = scope;
  }

  /** Returns a reader that fails, too, when the daemon could not write where the settings say. */
  public ConfigurationReader lookingAtTheDisk() {
    return new ConfigurationReader(environment, witness, Scope.DISK);
  }

  /** Returns a reader for who may not read what the daemon may: in what it reads there are no users and no passwords. */
  public ConfigurationReader withoutSecrets() {
    return new ConfigurationReader(environment, witness, Scope.PUBLIC);
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
      return withoutFile();
    } catch (ConfigException e) {
      throw new IllegalStateException("the defaults do not pass our own checks", e);
    }
  }

  /** The same; throws when the daemon could not write there, and that is looked at. */
  Configuration withoutFile() throws ConfigException {
    var here = environment.workingDirectory();
    return parse("", "(embedded default)", here, here.resolve("data"));
  }

  private static String tooLarge(Path file) throws ConfigException {
    throw new ConfigException(List.of(new Problem(file.toString(), 0, 0, "is larger than "
        + Quantity.of(MAX_BYTES) + ", so it is no settings file")));
  }

  Configuration parse(String text, String name, Path base, Path dataDirectory) throws ConfigException {
    var problems = new Problems(name);
    var toml = Toml.parse(text);
    toml.errors().forEach(problems::add);
    problems.throwIfAny();
    var top = new Section(toml, TomlPosition.positionAt(1, 1), "", problems, witness);
    var configuration = configuration(top, base, dataDirectory);
    problems.throwIfAny();
    return configuration;
  }

  private Configuration configuration(Section top, Path base, Path standardData) {
    Domain hostname = top.parsed("hostname", environment.hostName(), "a host name such as \"mail.example.org\"",
        Values::domain);
    // The database takes a semicolon for the end of its path.
    Path data = top.parsed("data-directory", standardData, "a directory without a semicolon in its path",
        text -> Values.path(base, text).filter(path -> !path.toString().contains(";")));
    var receiving = new Receiving(environment, base, scope);
    var listeners = receiving.listeners(top);
    var local = top.table("local");
    var mailboxes = receiving.mailboxes(local, data);
    var tracking = Receiving.tracking(top.table("tracking"));
    var inbound = receiving.rules(local, withoutLocal(receiving, top, hostname, base, tracking), mailboxes, listeners);
    var delivery = top.table("delivery");
    var queue = top.table("queue");
    var bounce = top.table("bounce");
    var log = top.table("log");
    var configuration = new Configuration(hostname, data, listeners,
        new Securing(base).tls(top.table("tls"), hostname, data), inbound,
        mailboxes, Sending.dns(top.table("dns")),
        Sending.routes(top, inbound), Sending.delivery(delivery, inbound.settings(), listeners, base),
        Sending.queue(delivery, top.table("retry"), queue, Sending.doubleBouncesTo(bounce, inbound)),
        Sending.spool(queue), bounce.bytes("return-size", 50 << 10, 1 << 10, 10 << 20), log(log, base),
        tracking,
        admin(top.table("admin"), base, data));
    if (scope == Scope.DISK) {
      var access = new WriteAccess(data);
      access.directory().ifPresent(why -> top.reject("data-directory", why));
      configuration.log().file().flatMap(access::file).ifPresent(why -> log.reject("file", why));
    }
    List.of(delivery, queue, bounce, top).forEach(Section::finish);
    return configuration;
  }

  private InboundSettings withoutLocal(Receiving receiving, Section top, Domain hostname,
      Path base, TrackingSettings tracking) {
    var limits = top.table("limits");
    var smtp = top.table("smtp");
    var settings = new InboundSettings(hostname, receiving.connections(limits, smtp), receiving.session(limits, smtp),
        receiving.messages(limits), receiving.relay(top.table("relay"), top), receiving.auth(top.table("auth")),
        Receiving.submission(top.table("submission")),
        LocalSettings.NONE,
        new ExtensionSettings(Timing.read(top), Fetching.read(top), Receiving.consent(smtp, tracking),
            new Imap(base, scope).read(top), Checkpointing.read(top.table("checkpoint"))));
    limits.finish();
    smtp.finish();
    return settings;
  }

  private static Log log(Section section, Path base) {
    var log = new Log(section.choice("format", LogFormat.TEXT),
        section.optional("file", "a file", text -> Values.path(base, text)),
        section.choice("level", LogLevel.INFO));
    section.finish();
    return log;
  }

  private static Admin admin(Section section, Path base, Path data) {
    var socket = section.parsed("socket", data.resolve("admin.sock"), Values.SOCKET_PATH,
        text -> Values.path(base, text));
    Values.socketPath(section, socket);
    var admin = new Admin(socket, section.optional("metrics-address",
        "an address and port such as \"127.0.0.1:9125\"", Values::socketAddress));
    section.finish();
    return admin;
  }
}
