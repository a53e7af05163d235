package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Printable;

/**
 * Who has a mailbox here: {@code alice} has one in every local domain, {@code alice@example.org} in that domain only.
 * Names are compared without regard to case, and mailboxes spelled as they are here.
 */
public final class LocalUsers {
  /** Nobody. */
  public static final LocalUsers NONE = new LocalUsers(List.of());

  private final Map<String, String> spelling;
  private final List<String> inOrder;

  private LocalUsers(List<String> users) {
    inOrder = users;
    spelling = LinkedHashMap.newLinkedHashMap(users.size());
    users.forEach(user -> spelling.putIfAbsent(key(user), user));
  }

  /** Returns the users named; throws IllegalArgumentException that shows the name that is none. */
  public static LocalUsers of(Collection<String> users) {
    users.forEach(LocalUsers::requireUser);
    return new LocalUsers(List.copyOf(users));
  }

  /** Reads a file with one user a line, empty lines and lines that begin with {@code #} left out. */
  public static LocalUsers read(Path file) throws IOException {
    var users = new ArrayList<String>();
    int number = 0;
    for (var line : Files.readAllLines(file)) {
      number++;
      String user = line.strip();
      if (!user.isEmpty() && !user.startsWith("#")) {
        Require.that(isUser(user), file + ":" + number + ": not a user: " + Printable.of(user));
        users.add(user);
      }
    }
    return new LocalUsers(List.copyOf(users));
  }

  /** Returns the name of the mailbox of {@code localPart} in {@code domain}, spelled as here. */
  public Optional<String> find(String localPart, Domain domain) {
    String name = localPart.toLowerCase(Locale.ROOT);
    String anywhere = spelling.get(name);
    if (anywhere != null) {
      return Optional.of(anywhere);
    }
    return Optional.ofNullable(spelling.get(name + "@" + domain)).map(LocalUsers::localPart);
  }

  /** Returns the first user, whom mail for postmaster goes to when nothing else is said. */
  public Optional<String> first() {
    return inOrder.stream().findFirst();
  }

  private static String key(String user) {
    int at = user.lastIndexOf('@');
    return at < 0
        ? user.toLowerCase(Locale.ROOT)
        : user.substring(0, at).toLowerCase(Locale.ROOT) + "@" + Domain.of(user.substring(at + 1));
  }

  private static String localPart(String user) {
    return user.substring(0, user.lastIndexOf('@'));
  }

  private static void requireUser(String user) {
    Require.that(isUser(user), "not a user: " + Printable.of(user));
  }

  private static boolean isUser(String user) {
    int at = user.lastIndexOf('@');
    String name = at < 0 ? user : user.substring(0, at);
    // A name becomes part of a path: nothing that leads elsewhere.
    return !name.isEmpty() && !name.startsWith(".") && name.chars().noneMatch(LocalUsers::isForbidden)
        && (at < 0 || Domain.parse(user.substring(at + 1)).isPresent());
  }

  private static boolean isForbidden(int c) {
    return Character.isISOControl(c) || Character.isWhitespace(c) || "/\\@\"<>:,;()[]{}".indexOf(c) >= 0;
  }
}
