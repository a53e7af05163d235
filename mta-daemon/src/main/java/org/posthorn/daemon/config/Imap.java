package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.posthorn.daemon.config.ConfigurationReader.Scope;
import org.posthorn.daemon.inbound.BurlSettings;
import org.posthorn.daemon.inbound.BurlSettings.Place;
import org.posthorn.daemon.inbound.BurlSettings.Server;
import org.posthorn.daemon.inbound.BurlSettings.Tls;
import org.posthorn.delivery.tls.ClientTls;

/** Reads where messages to submit may be fetched: {@code imap}. Names are not looked up. */
final class Imap {
  private static final Pattern SERVER = Pattern
      .compile("(imaps?)://(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9.-]+))(?::([0-9]{1,5}))?");

  private final Path base;
  private final Scope scope;

  /** Relative paths start at {@code base}. */
  Imap(Path base, Scope scope) {
    this.base = base;
    this.scope = scope;
  }

  /** Where a server is and how it is spoken to. */
  private record Spoken(Place place, Tls tls) {
    @Override
    public String toString() {
      return "";
    }
  }

  BurlSettings read(Section top) {
    return new BurlSettings(top.tables("imap").stream().flatMap(section -> server(section).stream()).toList());
  }

  private Optional<Server> server(Section section) {
    var authority = section.optional("authority", "a host, perhaps with a port, as URLs have it",
        text -> Optional.of(text).filter(name -> BurlSettings.hostOf(name).isPresent()));
    var spoken = section.optional("server", "such as \"imaps://imap.example.org\" or \"imap://127.0.0.1:143\"",
        Imap::spoken);
    var trusted = Sending.authorities(section, "ca-file", base);
    var user = section.parsed("user", "submit", "a login", Optional::of);
    var password = section.optional("password-file", "a file", text -> Values.path(base, text))
        .filter(_ -> scope != Scope.PUBLIC)
        .flatMap(file -> password(section, file));
    if (!Stream.of("authority", "server", "password-file").allMatch(section::has)) {
      section.reject("authority", "needs server and password-file too");
    }
    if (section.has("ca-file") && spoken.filter(known -> known.tls() == Tls.NONE).isPresent()) {
      section.reject("ca-file", "is of no use: nothing is encrypted to a server on this machine");
    }
    section.finish();
    return authority.flatMap(name -> spoken.flatMap(where -> password
        .map(secret -> new Server(name, where.place(), where.tls(), user, secret, new ClientTls(trusted)))));
  }

  private static Optional<String> password(Section section, Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException e) {
      section.reject("password-file", "cannot be read: " + Reason.of(e));
      return Optional.empty();
    }
  }

  private static Optional<Spoken> spoken(String text) {
    var parts = SERVER.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    boolean isImplicit = parts.group(1).equals("imaps");
    var host = Optional.ofNullable(parts.group(2)).orElseGet(() -> parts.group(3));
    int port = Optional.ofNullable(parts.group(4)).map(Integer::valueOf).orElse(isImplicit ? 993 : 143);
    if (port < 1 || port > 65_535 || (parts.group(2) != null && Values.address(host).isEmpty())) {
      return Optional.empty();
    }
    Tls inClearHere = Values.isThisMachine(host) ? Tls.NONE : Tls.STARTTLS;
    return Optional.of(new Spoken(new Place(host, port), isImplicit ? Tls.IMPLICIT : inClearHere));
  }
}
