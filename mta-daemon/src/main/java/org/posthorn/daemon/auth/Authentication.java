package org.posthorn.daemon.auth;

import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.posthorn.daemon.auth.token.JwtCheck;
import org.posthorn.daemon.auth.token.TokenCheck;
import org.posthorn.daemon.auth.token.TokenSettings;

/** Begins SASL exchanges. One for all sessions and settings; safe for use by many threads. */
public final class Authentication implements AutoCloseable {
  private static final int NONCE_OCTETS = 24;

  private final PasswordWork work;
  private final LoginGuard guard;
  private final Decoys decoys;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final AtomicReference<Optional<JwtCheck>> tokens = new AtomicReference<>(Optional.empty());

  /** @param decoyKey kept over restarts and known to nobody else, so that unknown users look like known ones */
  public Authentication(PasswordWork work, LoginGuard guard, byte[] decoyKey, InstantSource clock,
      RandomGenerator random) {
    this.work = work;
    this.guard = guard;
    this.decoys = new Decoys(decoyKey);
    this.clock = clock;
    this.random = random;
  }

  /** Returns who slows down guessing. */
  public LoginGuard guard() {
    return guard;
  }

  /** Returns the mechanisms to announce on a connection with this protection, best first. */
  public List<Mechanism> mechanisms(AuthSettings settings, Protection protection) {
    return settings.mechanisms()
        .stream()
        .filter(mechanism -> isPossible(mechanism, protection)
            && (isDovecots(settings, mechanism) ? dovecotHas(settings, mechanism) : isOurs(settings, mechanism)))
        .toList();
  }

  private static boolean dovecotHas(AuthSettings settings, Mechanism mechanism) {
    return dovecot(settings).filter(socket -> socket.mechanisms().contains(mechanism)).isPresent();
  }

  private static Optional<DovecotSocket> dovecot(AuthSettings settings) {
    return settings.directory()
        .filter(DovecotSocket.class::isInstance)
        .map(DovecotSocket.class::cast);
  }

  private static boolean isOurs(AuthSettings settings, Mechanism mechanism) {
    boolean hasDirectory = passwords(settings).isPresent();
    return switch (mechanism) {
      case OAUTHBEARER, XOAUTH2 -> settings.tokens().isPresent();
      case PLAIN, LOGIN -> hasDirectory || settings.accounts().get().support(mechanism);
      case EXTERNAL -> settings.accounts().get().support(mechanism);
      // A directory keeps its secrets to itself: all that can be asked of it is whether a password is right.
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS, SCRAM_SHA_256, SCRAM_SHA_1, DIGEST_MD5, CRAM_MD5 ->
        !hasDirectory && settings.accounts().get().support(mechanism);
    };
  }

  private static Optional<PasswordDirectory> passwords(AuthSettings settings) {
    return settings.directory()
        .filter(PasswordDirectory.class::isInstance)
        .map(PasswordDirectory.class::cast);
  }

  private TokenCheck tokens(TokenSettings settings) {
    var known = tokens.get();
    if (known.filter(check -> check.settings().equals(settings)).isEmpty()) {
      known = Optional.of(new JwtCheck(settings, clock));
      tokens.set(known);
    }
    return known.get();
  }

  /** Dovecot gets to see neither the client's certificate nor what a channel could be bound to. */
  private static boolean isDovecots(AuthSettings settings, Mechanism mechanism) {
    return dovecot(settings).isPresent() && switch (mechanism) {
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS, EXTERNAL -> false;
      case OAUTHBEARER, XOAUTH2 -> settings.tokens().isEmpty();
      case SCRAM_SHA_256, SCRAM_SHA_1, PLAIN, LOGIN, DIGEST_MD5, CRAM_MD5 -> true;
    };
  }

  private static boolean isPossible(Mechanism mechanism, Protection protection) {
    return switch (mechanism) {
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS -> !protection.channelBindings().isEmpty();
      case EXTERNAL -> protection.certificate().isPresent();
      case PLAIN, LOGIN, OAUTHBEARER, XOAUTH2 -> protection.encrypted();
      case SCRAM_SHA_256, SCRAM_SHA_1, DIGEST_MD5, CRAM_MD5 -> true;
    };
  }

  /** Begins an exchange; empty when the mechanism is not among those to announce. May wait for the disk. */
  public Optional<SaslExchange> begin(AuthSettings settings, Mechanism mechanism, Protection protection,
      String hostname,
      LoginGuard.Seat seat) {
    settings.accounts().look();
    var offered = mechanisms(settings, protection);
    if (!offered.contains(mechanism)) {
      return Optional.empty();
    }
    var logins = new Logins(settings.accounts().get(), work, decoys, seat, passwords(settings));
    if (isDovecots(settings, mechanism)) {
      return dovecot(settings)
          .map(socket -> new DovecotExchange(socket, mechanism, protection, seat.client(), logins));
    }
    return Optional.of(switch (mechanism) {
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_256 -> scram(mechanism, protection,
          offered.contains(Mechanism.SCRAM_SHA_256_PLUS), logins);
      case SCRAM_SHA_1_PLUS, SCRAM_SHA_1 -> scram(mechanism, protection,
          offered.contains(Mechanism.SCRAM_SHA_1_PLUS), logins);
      case EXTERNAL -> new ExternalExchange(logins, protection.certificate());
      case PLAIN -> new PlainExchange(logins);
      case LOGIN -> new LoginExchange(logins);
      case DIGEST_MD5 -> new DigestMd5Exchange(logins, hostname, nonce());
      case CRAM_MD5 -> new CramMd5Exchange(logins,
          "<" + nonce() + "." + clock.instant().getEpochSecond() + "@" + hostname + ">");
      case OAUTHBEARER, XOAUTH2 -> new BearerExchange(mechanism, tokens(settings.tokens().orElseThrow()), logins);
    });
  }

  private SaslExchange scram(Mechanism mechanism, Protection protection, boolean plusOffered, Logins logins) {
    return new ScramExchange(mechanism, protection, plusOffered, logins, nonce());
  }

  private String nonce() {
    byte[] nonce = new byte[NONCE_OCTETS];
    random.nextBytes(nonce);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(nonce);
  }

  @Override
  public void close() {
    work.close();
    guard.close();
  }
}
