package org.posthorn.daemon.auth;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All who may log in. Immutable. */
public final class Accounts {
  private static final Accounts NONE = new Accounts(List.of());

  private final Map<String, Account> byLogin;
  private final List<Secret> passwordSecrets;
  private final Set<Mechanism> supported;

  /** Takes accounts in the order of their file; throws IllegalArgumentException when a login is there twice. */
  public Accounts(Collection<Account> accounts) {
    byLogin = LinkedHashMap.newLinkedHashMap(accounts.size());
    for (var account : accounts) {
      if (byLogin.putIfAbsent(account.login(), account) != null) {
        throw new IllegalArgumentException("twice: " + account.login());
      }
    }
    passwordSecrets = accounts.stream().flatMap(account -> passwordSecret(account).stream()).toList();
    supported = Stream.of(Mechanism.values()).filter(this::isSupported).collect(Collectors.toUnmodifiableSet());
  }

  /** Returns nobody. */
  static Accounts none() {
    return NONE;
  }

  /** Returns all, in the order of the file. */
  public List<Account> all() {
    return List.copyOf(byLogin.values());
  }

  /** Whether any has a client certificate. */
  public boolean haveCertificates() {
    return support(Mechanism.EXTERNAL);
  }

  /** Finds one by its prepared login, enabled or not. */
  public Optional<Account> find(String login) {
    return Optional.ofNullable(byLogin.get(login));
  }

  /** Finds the enabled one whom a client certificate belongs to. */
  Optional<Account> holderOf(String certificate) {
    return byLogin.values()
        .stream()
        .filter(account -> account.enabled() && account.certificates().contains(certificate))
        .findFirst();
  }

  /** Returns what a password for {@code account} is checked against: one secret, so that all guesses take the same time. */
  static Optional<Secret> passwordSecret(Account account) {
    return account.secrets()
        .stream()
        .filter(secret -> !(secret instanceof Secret.Scram))
        .findFirst()
        .or(() -> account.secrets().stream().findFirst());
  }

  /** Returns the SCRAM secret of {@code account} for this hash, if it has one. */
  static Optional<Secret.Scram> scramSecret(Account account, ScramHash hash) {
    return account.secrets()
        .stream()
        .filter(Secret.Scram.class::isInstance)
        .map(Secret.Scram.class::cast)
        .filter(scram -> scram.hash() == hash)
        .findFirst();
  }

  /** Returns the clear password of {@code account}, if it is kept. */
  static Optional<String> clearSecret(Account account) {
    return account.secrets()
        .stream()
        .filter(Secret.Clear.class::isInstance)
        .map(secret -> ((Secret.Clear) secret).password())
        .findFirst();
  }

  /** Returns a secret that costs what a real one costs and fits no password; {@code pick} chooses whose cost. */
  Optional<Secret> decoy(int pick) {
    return passwordSecrets.isEmpty()
        ? Optional.empty()
        : Optional.of(passwordSecrets.get(Math.floorMod(pick, passwordSecrets.size())).decoy());
  }

  /**
   * Whether {@code mechanism} works for these users. A client takes the strongest that is announced, and does not try the
   * next when that fails; so SCRAM is only announced when everybody has a secret for it.
   */
  boolean support(Mechanism mechanism) {
    return supported.contains(mechanism);
  }

  private boolean isSupported(Mechanism mechanism) {
    return switch (mechanism) {
      case PLAIN, LOGIN -> any(account -> !account.secrets().isEmpty());
      case SCRAM_SHA_256, SCRAM_SHA_256_PLUS -> allHaveScram(ScramHash.SHA_256);
      case SCRAM_SHA_1, SCRAM_SHA_1_PLUS -> allHaveScram(ScramHash.SHA_1);
      case DIGEST_MD5, CRAM_MD5 -> any(account -> clearSecret(account).isPresent());
      case EXTERNAL -> any(account -> !account.certificates().isEmpty());
      case OAUTHBEARER, XOAUTH2 -> false;
    };
  }

  private boolean allHaveScram(ScramHash hash) {
    return any(account -> scramSecret(account, hash).isPresent())
        && byLogin.values()
            .stream()
            .filter(account -> account.enabled() && !account.secrets().isEmpty())
            .allMatch(account -> scramSecret(account, hash).isPresent());
  }

  private boolean any(Predicate<Account> test) {
    return byLogin.values().stream().anyMatch(account -> account.enabled() && test.test(account));
  }
}
