package org.posthorn.daemon.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.auth.Secret;

/** The text of a users file, changed user by user: what stands around the one changed stays as it is. */
final class UsersText {
  private static final String HEADER = "# Who may log in. \"posthorn user\" writes this file; see docs/configuration.md.\n";

  private final List<String> lines;
  private final List<Account> accounts;

  /** Takes a text that can be read; throws ConfigException when it cannot. */
  UsersText(String text) throws ConfigException {
    lines = text.lines().toList();
    accounts = UsersFile.parse(text, "the users file").all();
  }

  String with(Account account) throws ConfigException {
    var block = blockOf(account.login());
    var changed = new ArrayList<>(lines);
    if (block.isEmpty()) {
      if (!changed.isEmpty() && !changed.getLast().isBlank()) {
        changed.add("");
      }
      changed.addAll(text(account));
    } else {
      changed.subList(block.getFirst(), block.getLast()).clear();
      changed.addAll(block.getFirst(), text(account));
    }
    return (lines.isEmpty() ? HEADER + "\n" : "") + joined(changed);
  }

  String without(String login) throws ConfigException {
    var block = blockOf(login);
    var changed = new ArrayList<>(lines);
    if (!block.isEmpty()) {
      changed.subList(block.getFirst(), block.getLast()).clear();
    }
    return joined(changed);
  }

  /** Returns the first line of a user and the line behind the last; empty when there is no such user. */
  private List<Integer> blockOf(String login) throws ConfigException {
    int wanted = accounts.stream().map(Account::login).toList().indexOf(login);
    var starts = new ArrayList<Integer>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().matches("\\[\\[\\s*user\\s*]].*")) {
        starts.add(i);
      }
    }
    if (starts.size() != accounts.size()) {
      throw new ConfigException(List.of(new Problem("the users file", 0, 0,
          "is not written with [[user]] for each, so it has to be changed by hand")));
    }
    return wanted < 0 ? List.of() : List.of(starts.get(wanted), end(starts, wanted));
  }

  /** A comment in front of the next user belongs to that one. */
  private int end(List<Integer> starts, int user) {
    int end = user + 1 < starts.size() ? starts.get(user + 1) : lines.size();
    while (user + 1 < starts.size() && (lines.get(end - 1).isBlank() || lines.get(end - 1).startsWith("#"))) {
      end--;
    }
    return end;
  }

  private static List<String> text(Account account) {
    var text = new ArrayList<String>();
    text.add("[[user]]");
    text.add("login = " + quoted(account.login()));
    if (!account.enabled()) {
      text.add("enabled = false");
    }
    add(text, "addresses", account.addresses().stream().map(AddressPattern::toString).toList());
    add(text, "act-as", account.actAs());
    account.limits().values().forEach((limit, value) -> text.add(limit.key() + " = " + value));
    add(text, "certificates", account.certificates());
    add(text, "secrets", account.secrets().stream().map(Secret::text).toList());
    return text;
  }

  private static void add(List<String> text, String key, List<String> values) {
    if (!values.isEmpty()) {
      text.add(key + " = " + values.stream().map(UsersText::quoted).collect(Collectors.joining(", ", "[", "]")));
    }
  }

  /** Returns a basic string (TOML 1.0). */
  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    text.codePoints().forEach(c -> {
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        default -> {
          if (c < ' ' || c == 127) {
            quoted.append(String.format(Locale.ROOT, "\\u%04X", c));
          } else {
            quoted.appendCodePoint(c);
          }
        }
      }
    });
    return quoted.append('"').toString();
  }

  private static String joined(List<String> lines) {
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }
}
