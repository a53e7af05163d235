package org.posthorn.daemon.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.posthorn.daemon.auth.AccountSource;
import org.posthorn.daemon.inbound.LocalUsers;
import org.posthorn.daemon.inbound.NetworkSet;
import org.posthorn.daemon.socket.SocketFile;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;

/** Reads single values of the settings. None of these asks the DNS or looks at the disk. */
final class Values {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^}]*)}");

  /** What the path of a Unix socket must be. */
  static final String SOCKET_PATH = "a path of at most " + SocketFile.MAX_PATH + " octets";

  private Values() {}

  /** Complains when {@code socket} in {@code section} is too long. */
  static void socketPath(Section section, Path socket) {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > SocketFile.MAX_PATH) {
      section.reject("socket",
          "must be " + SOCKET_PATH + ", which is what a Unix socket may have, not " + socket);
    }
  }

  /** Reads networks, none unless some are named. */
  static NetworkSet networks(Section section, String key) {
    return NetworkSet.of(section.list(key, List.<String>of(),
        "a network such as \"192.0.2.0/24\", without bits beyond the prefix",
        text -> checked(text, network -> NetworkSet.of(List.of(network)))));
  }

  /** Reads the mode of a file: {@code 0660}. */
  static Optional<Set<PosixFilePermission>> mode(String text) {
    if (!text.matches("0?[0-7]{3}")) {
      return Optional.empty();
    }
    int mode = Integer.parseInt(text, 8);
    var permissions = EnumSet.noneOf(PosixFilePermission.class);
    var all = PosixFilePermission.values(); // owner read … others execute: from the highest bit down
    for (int bit = 0; bit < all.length; bit++) {
      if ((mode >> (all.length - 1 - bit) & 1) == 1) {
        permissions.add(all[bit]);
      }
    }
    return Optional.of(permissions);
  }

  static Optional<Domain> domain(String text) {
    try {
      return Domain.parse(text);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Reads {@code 192.0.2.1} or {@code 2001:db8::1}, with or without brackets. */
  static Optional<InetAddress> address(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]");
    try {
      return Optional.of(InetAddress.ofLiteral(bracketed ? text.substring(1, text.length() - 1) : text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Whether {@code host} is an address or the name by which this machine calls itself. Looks nothing up. */
  static boolean isThisMachine(String host) {
    return host.equalsIgnoreCase("localhost") || address(host).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  /** Reads {@code 192.0.2.1:25} or {@code [2001:db8::1]:25}. */
  static Optional<InetSocketAddress> socketAddress(String text) {
    int colon = text.lastIndexOf(':');
    boolean isBareIpv6 = text.indexOf(':') != colon && !text.startsWith("[");
    if (colon < 0 || isBareIpv6) {
      return Optional.empty();
    }
    return address(text.substring(0, colon))
        .flatMap(address -> port(text.substring(colon + 1)).map(port -> new InetSocketAddress(address, port)));
  }

  /** The same, with the port of DNS when none is given. */
  static Optional<InetSocketAddress> dnsServer(String text) {
    return socketAddress(text).filter(server -> server.getPort() != 0)
        .or(() -> address(text).map(address -> new InetSocketAddress(address, 53)));
  }

  private static Optional<Integer> port(String text) {
    return text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 65535
        ? Optional.of(Integer.valueOf(text))
        : Optional.empty();
  }

  /** Reads a path, which starts at {@code base} when it is relative. */
  static Optional<Path> path(Path base, String text) {
    try {
      return text.isBlank() ? Optional.empty() : Optional.of(base.resolve(text).normalize());
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
  }

  /** Reads a path with {@code {user}} and perhaps {@code {domain}}, but nothing else, in braces. */
  static Optional<String> mailboxes(Path base, String text) {
    boolean hasUnknown = PLACEHOLDER.matcher(text)
        .results()
        .map(match -> match.group(1))
        .anyMatch(name -> !name.equals("user") && !name.equals("domain"));
    return hasUnknown || !text.contains("{user}") ? Optional.empty() : path(base, text).map(Path::toString);
  }

  /** Returns {@code text} when {@code check} does not throw IllegalArgumentException for it. */
  static Optional<String> checked(String text, Consumer<String> check) {
    try {
      check.accept(text);
      return Optional.of(text);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Reads the name of a local user. */
  static Optional<String> user(String text) {
    return checked(text, name -> LocalUsers.of(List.of(name)));
  }

  /** Returns a watch over a users file; throws IllegalArgumentException that says what is wrong in it, and where. */
  static AccountSource users(Path file) throws IOException {
    try {
      return new WatchedUsers(new UsersFile(file));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Reads a user of the first of {@code domains}, or any address. */
  static Optional<Mailbox> postmaster(String text, List<Domain> domains) {
    return text.contains("@") || domains.isEmpty()
        ? Mailbox.parse(text)
        : Mailbox.parse(text + "@" + domains.getFirst());
  }

  /** Reads the domain of a route: a name, a suffix with a leading dot, or an asterisk. */
  static Optional<String> routeDomain(String text) {
    if (text.equals("*")) {
      return Optional.of(text);
    }
    return text.startsWith(".")
        ? domain(text.substring(1)).map(name -> "." + name)
        : domain(text).map(Domain::toString);
  }
}
