package org.posthorn.daemon.auth;

import java.util.Optional;

/**
 * Checks what one client says against the accounts. Unknown users cost as much time and get the same answers as known ones
 * with a wrong password, and stand under the same ban.
 */
final class Logins {
  private final Accounts accounts;
  private final PasswordWork work;
  private final Decoys decoys;
  private final LoginGuard.Seat seat;
  private final Optional<PasswordDirectory> directory;

  /** @param directory who knows the passwords in place of the accounts, if anybody does */
  Logins(Accounts accounts, PasswordWork work, Decoys decoys, LoginGuard.Seat seat,
      Optional<PasswordDirectory> directory) {
    this.accounts = accounts;
    this.work = work;
    this.decoys = decoys;
    this.seat = seat;
    this.directory = directory;
  }

  /** Checks a password as the client sent it. Takes long. */
  SaslStep checkPassword(Mechanism mechanism, String name, String password, String authzid) {
    String login = Prepared.login(name).orElse("");
    if (seat.isBanned(login)) {
      return new SaslStep.Failure(SaslStep.Why.BANNED, login);
    }
    var prepared = Prepared.password(password);
    if (directory.isPresent()) {
      return prepared.isEmpty() || login.isEmpty()
          ? refuse(login)
          : ask(directory.get(), mechanism, login, prepared.get(), authzid);
    }
    var secret = find(login).flatMap(Accounts::passwordSecret);
    Secret checked = secret.or(() -> accounts.decoy(decoys.pick(login))).orElseGet(decoys::standard);
    var fits = work.run(() -> checked.isOf(prepared.orElse("-")));
    if (fits.isEmpty()) {
      return new SaslStep.Failure(SaslStep.Why.BUSY, login);
    }
    return fits.get() && secret.isPresent() && prepared.isPresent() ? accept(mechanism, login, authzid) : refuse(login);
  }

  private SaslStep ask(PasswordDirectory asked, Mechanism mechanism, String login, String password, String authzid) {
    var verdict = work.run(() -> asked.check(login, password));
    if (verdict.isEmpty()) {
      return new SaslStep.Failure(SaslStep.Why.BUSY, login);
    }
    return switch (verdict.get()) {
      case RIGHT -> {
        var account = accounts.find(login).orElseGet(() -> Account.named(login));
        yield account.enabled() ? accept(mechanism, account, authzid) : refuse(login);
      }
      case WRONG -> refuse(login);
      case UNKNOWN -> new SaslStep.Failure(SaslStep.Why.UNAVAILABLE, login);
    };
  }

  /** Returns the SCRAM secret of {@code login}, or one that looks like it and that no password fits. */
  Secret.Scram scram(String login, ScramHash hash) {
    return find(login).flatMap(account -> Accounts.scramSecret(account, hash))
        .orElseGet(() -> decoys.scram(login, hash, accounts));
  }

  /** Returns the password of {@code login}, if it is kept. */
  Optional<String> clear(String login) {
    return find(login).flatMap(Accounts::clearSecret);
  }

  /** Returns whose certificate has this fingerprint. */
  Optional<String> holderOf(String certificate) {
    return accounts.holderOf(certificate).map(Account::login);
  }

  /** Ends an exchange in which the client has proved to be {@code login}, and wants to act as {@code authzid}. */
  SaslStep accept(Mechanism mechanism, String login, String authzid) {
    return find(login).map(account -> accept(mechanism, account, authzid)).orElseGet(() -> refuse(login));
  }

  private SaslStep accept(Mechanism mechanism, Account account, String authzid) {
    if (seat.isBanned(account.login())) {
      return new SaslStep.Failure(SaslStep.Why.BANNED, account.login());
    }
    Optional<Account> actingAs = authzid.isEmpty()
        || Prepared.login(authzid).filter(account.login()::equals).isPresent()
            ? Optional.of(account)
            : Prepared.login(authzid).filter(account::mayActAs).flatMap(this::find);
    return actingAs
        .<SaslStep>map(other -> new SaslStep.Success(new Identity(account.login(), other, account.limits(),
            mechanism.saslName())))
        .orElseGet(() -> new SaslStep.Failure(SaslStep.Why.AUTHORIZATION, account.login()));
  }

  /** Ends an exchange in which somebody else found the client to be {@code login}, which need not be known here. */
  SaslStep acceptFromElsewhere(Mechanism mechanism, String login) {
    if (seat.isBanned(login)) {
      return new SaslStep.Failure(SaslStep.Why.BANNED, login);
    }
    var account = accounts.find(login).orElseGet(() -> Account.named(login));
    return account.enabled()
        ? new SaslStep.Success(new Identity(login, account, account.limits(), mechanism.saslName()))
        : refuse(login);
  }

  /** Ends an exchange in which the client has not proved to be {@code login}. */
  SaslStep.Failure refuse(String login) {
    return new SaslStep.Failure(seat.isBanned(login) ? SaslStep.Why.BANNED : SaslStep.Why.CREDENTIALS, login);
  }

  private Optional<Account> find(String login) {
    return accounts.find(login).filter(Account::enabled);
  }
}
