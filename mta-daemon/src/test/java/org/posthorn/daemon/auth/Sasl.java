package org.posthorn.daemon.auth;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.testkit.SettableClock;

/** Exchanges with the accounts of alice, whose password is "wonderland", and of some others, from 198.51.100.7. */
final class Sasl implements AutoCloseable {
  static final InetAddress CLIENT = InetAddress.ofLiteral("198.51.100.7");
  static final Protection TLS = new Protection(true, Map.of("tls-exporter", new byte[]{1, 2, 3}), Optional.empty());
  static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");

  final SettableClock clock = new SettableClock(NOW);
  final LoginGuard guard;
  private final Accounts accounts;
  private final PasswordWork work = new PasswordWork(2, Duration.ofSeconds(60));

  Sasl(Path folder, Account... accounts) {
    guard = new LoginGuard(folder.resolve("logins"), () -> GuardSettings.DEFAULT, clock);
    this.accounts = new Accounts(List.of(accounts));
  }

  /** An account whose secrets are cheap to check. */
  static Account account(String login, String... secrets) {
    return new Account(login, List.of(secrets).stream().map(Secret::parse).toList(), List.of(), List.of(), List.of(),
        SendingLimits.NONE, true);
  }

  /** A secret for {@code password} that costs little. */
  static String cheap(String password) {
    return Secret.Scram.of(ScramHash.SHA_256, password, new byte[16], 4096).text();
  }

  Logins logins() {
    return new Logins(accounts, work, new Decoys(new byte[32]), guard.seat(CLIENT, false), Optional.empty());
  }

  AuthSettings settings(Mechanism... mechanisms) {
    return new AuthSettings(List.of(mechanisms), () -> accounts, Optional.empty(), Optional.empty(),
        Optional.empty(), false, GuardSettings.DEFAULT,
        AuthSettings.NONE.hashing());
  }

  Authentication authentication() {
    return new Authentication(work, guard, new byte[32], clock, new Random(1));
  }

  static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns a step as one word and text: what a challenge says, whom a success is for, why a failure is one. */
  static String show(SaslStep step) {
    return switch (step) {
      case SaslStep.Challenge(var text) -> "challenge " + new String(text, StandardCharsets.UTF_8);
      case SaslStep.Rebuff(var text, var failure) ->
        "challenge " + new String(text, StandardCharsets.UTF_8) + "; " + show(failure);
      case SaslStep.Success(var identity) -> "success " + identity.login() + " as " + identity.actingAs();
      case SaslStep.Failure(var why, var login) -> "failure " + why + " " + login;
    };
  }

  @Override
  public void close() {
    work.close();
  }
}
