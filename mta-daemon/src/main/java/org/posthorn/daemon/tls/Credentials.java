package org.posthorn.daemon.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * All that we can show, and which of it: what is for the name that the client asks for (RFC 6066 §3), else what is for our
 * own name, else anything; of that the first, but one that is valid before one that is not. Immutable.
 */
final class Credentials extends X509ExtendedKeyManager {
  private static final String[] NONE = {};

  private final List<Credential> all;
  private final String hostname;
  private final InstantSource clock;

  Credentials(List<Credential> all, String hostname, InstantSource clock) {
    this.all = List.copyOf(all);
    this.hostname = hostname;
    this.clock = clock;
  }

  List<Credential> all() {
    return all;
  }

  /** Returns the number of what to show to a client that wants a key of this type. */
  Optional<Integer> choose(String keyType, Optional<String> serverName) {
    Instant now = clock.instant();
    return fitting(serverName).stream()
        .filter(number -> all.get(number).keyType().equals(keyType))
        .min(Comparator.comparing(number -> !isValid(all.get(number), now)));
  }

  /** Never of two names: a client that asks for one with an RSA key must not get another with an EC key. */
  private List<Integer> fitting(Optional<String> serverName) {
    return Stream.concat(serverName.stream(), Stream.of(hostname))
        .map(this::covering)
        .filter(found -> !found.isEmpty())
        .findFirst()
        .orElseGet(() -> IntStream.range(0, all.size()).boxed().toList());
  }

  private List<Integer> covering(String name) {
    return IntStream.range(0, all.size()).filter(number -> all.get(number).covers(name)).boxed().toList();
  }

  private static boolean isValid(Credential credential, Instant now) {
    var certificate = credential.certificate();
    return !certificate.getNotAfter().toInstant().isBefore(now) && !certificate.getNotBefore().toInstant().isAfter(now);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
    return choose(keyType, serverName(engine)).map(String::valueOf).orElse(null);
  }

  private static Optional<String> serverName(SSLEngine engine) {
    return engine.getHandshakeSession() instanceof ExtendedSSLSession session
        ? session.getRequestedServerNames()
            .stream()
            .filter(SNIHostName.class::isInstance)
            .map(name -> ((SNIHostName) name).getAsciiName().toLowerCase(Locale.ROOT))
            .findFirst()
        : Optional.empty();
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return all.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return all.get(Integer.parseInt(alias)).key();
  }

  @Override
  public String[] getClientAliases(String keyType, Principal[] issuers) {
    return NONE;
  }

  @Override
  public @Nullable String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
    return null;
  }

  @Override
  public String[] getServerAliases(String keyType, Principal[] issuers) {
    return NONE;
  }

  @Override
  public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
    return choose(keyType, Optional.empty()).map(String::valueOf).orElse(null);
  }
}
