package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.auth.Prepared;
import org.posthorn.daemon.auth.Secret;
import org.tomlj.Toml;
import org.tomlj.TomlPosition;

/** The file with those who may log in, a table {@code [[user]]} each. */
public final class UsersFile {
  private static final int MAX_BYTES = 64 << 20;
  private static final String CERTIFICATE = "the SHA-256 fingerprint of a certificate, 64 hexadecimal digits";

  private final Path path;

  /** Names the file, which need not be there. */
  public UsersFile(Path path) {
    this.path = path;
  }

  /** Returns where it is. */
  public Path path() {
    return path;
  }

  /** Reads all users; nobody, when there is no file. Throws ConfigException that says all that is wrong, and where. */
  public Accounts read() throws IOException, ConfigException {
    return parse(text(), path.toString());
  }

  /** Returns what it holds; nothing, when there is none. */
  String text() throws IOException {
    if (Files.notExists(path)) {
      return "";
    }
    if (Files.size(path) > MAX_BYTES) {
      throw new IOException(path + " is too large for a users file");
    }
    return Files.readString(path);
  }

  static Accounts parse(String text, String name) throws ConfigException {
    var problems = new Problems(name);
    var toml = Toml.parse(text);
    toml.errors().forEach(problems::add);
    problems.throwIfAny();
    var top = new Section(toml, TomlPosition.positionAt(1, 1), "", problems, (_, _) -> {});
    var accounts = new ArrayList<Account>();
    var seen = new LinkedHashSet<String>();
    top.tables("user").forEach(user -> accounts.add(account(user, seen)));
    top.finish();
    problems.throwIfAny();
    return new Accounts(accounts);
  }

  private static Account account(Section user, Set<String> seen) {
    var login = user.optional("login", "a name, or an address", Prepared::login);
    if (login.isEmpty() && !user.has("login")) {
      user.reject("login", "is missing");
    }
    if (login.isPresent() && !seen.add(login.get())) {
      user.reject("login", "is there twice");
    }
    var account = new Account(login.orElse(""), secrets(user),
        user.list("certificates", List.of(), CERTIFICATE, UsersFile::fingerprint),
        user.list("addresses", List.of(), "an address, \"@example.org\" or \"*\"", AddressPattern::parse),
        user.list("act-as", List.of(), "a login, or \"*\"", text -> text.equals("*")
            ? Optional.of(text)
            : Prepared.login(text)),
        Receiving.limits(user), user.flag("enabled", true));
    user.finish();
    return account;
  }

  /** What is wrong with a secret is said without showing it. */
  private static List<Secret> secrets(Section user) {
    var secrets = new ArrayList<Secret>();
    for (var text : user.list("secrets", List.<String>of(), "a text", Optional::of)) {
      try {
        secrets.add(Secret.parse(text));
      } catch (IllegalArgumentException e) {
        user.reject("secrets", "holds one that cannot be used: " + e.getMessage());
      }
    }
    return secrets;
  }

  /** Reads a fingerprint, with or without colons as openssl shows them. */
  private static Optional<String> fingerprint(String text) {
    var digits = text.replace(":", "").toLowerCase(Locale.ROOT);
    return digits.matches("[0-9a-f]{64}") ? Optional.of(digits) : Optional.empty();
  }
}
