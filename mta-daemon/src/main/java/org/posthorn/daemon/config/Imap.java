package org.posthorn.daemon.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.posthorn.daemon.inbound.BurlSettings;
import org.posthorn.daemon.inbound.BurlSettings.Server;
import org.posthorn.daemon.inbound.BurlSettings.Tls;

/** Reads where messages to submit may be fetched: {@code imap}. */
final class Imap {
  private static final Pattern PLACE = Pattern
      .compile("(imaps?)://(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?");

  private final Path base;

  /** Relative paths start at {@code base}. */
  Imap(Path base) {
    this.base = base;
  }

  /** A server's address and how it is spoken to. */
  private record Place(InetSocketAddress address, Tls tls) {
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
        text -> Optional.of(text).filter(name -> name.matches("[A-Za-z0-9.:\\[\\]-]+")));
    var place = section.optional("server", "such as \"imaps://imap.example.org\" or \"imap://127.0.0.1:143\"",
        Imap::place);
    var user = section.parsed("user", "submit", "a login", Optional::of);
    var password = section.optional("password-file", "a file", text -> Values.path(base, text))
        .flatMap(file -> password(section, file));
    if (authority.isEmpty() || place.isEmpty() || password.isEmpty()) {
      section.reject("authority", "needs server and password-file too");
    }
    section.finish();
    return authority.flatMap(name -> place
        .flatMap(where -> password.map(secret -> new Server(name, where.address(), where.tls(), user, secret))));
  }

  private static Optional<String> password(Section section, Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException e) {
      section.reject("password-file", "cannot be read: " + Reason.of(e));
      return Optional.empty();
    }
  }

  private static Optional<Place> place(String text) {
    var matcher = PLACE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    boolean isImplicit = matcher.group(1).equals("imaps");
    int port = matcher.group(3) == null ? (isImplicit ? 993 : 143) : Integer.parseInt(matcher.group(3));
    if (port < 1 || port > 65_535) {
      return Optional.empty();
    }
    var address = new InetSocketAddress(matcher.group(2), port);
    boolean isHere = !address.isUnresolved() && address.getAddress().isLoopbackAddress();
    return Optional.of(new Place(address, isImplicit ? Tls.IMPLICIT : isHere ? Tls.NONE : Tls.STARTTLS));
  }
}
