package org.posthorn.daemon.inbound;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** How a connection is encrypted: what a TLS handshake has led to. Immutable; safe for use by many threads. */
public final class Encryption {
  private final ExtendedSSLSession session;

  /** Describes what the handshake of {@code session} has led to. */
  public Encryption(ExtendedSSLSession session) {
    this.session = session;
  }

  /** Returns the version, such as {@code TLSv1.3}. */
  public String version() {
    return session.getProtocol();
  }

  /** Returns the cipher suite by its registered name, such as {@code TLS_AES_128_GCM_SHA256}. */
  public String cipher() {
    return session.getCipherSuite();
  }

  /** Returns the name that the client asked for (RFC 6066 §3), if it did. */
  public Optional<String> serverName() {
    return session.getRequestedServerNames()
        .stream()
        .filter(SNIHostName.class::isInstance)
        .map(name -> ((SNIHostName) name).getAsciiName())
        .findFirst();
  }

  /** Returns the certificate that we have shown, which {@code tls-server-end-point} binds to (RFC 5929 §4). */
  public Optional<X509Certificate> serverCertificate() {
    return Optional.ofNullable(session.getLocalCertificates()).flatMap(chain -> certificates(chain).findFirst());
  }

  /**
   * Returns the certificates that the client has shown, its own first; none when it has shown none. That it has the key is
   * certain; whether anybody is behind it that one should trust is for {@link RelayPolicy} to say.
   */
  public List<X509Certificate> clientCertificates() {
    try {
      return certificates(session.getPeerCertificates()).toList();
    } catch (SSLPeerUnverifiedException _) {
      return List.of();
    }
  }

  /**
   * Returns {@code octets} octets of keying material that only both ends can know (RFC 5705, RFC 8446 §7.5), as
   * {@code tls-exporter} binds to (RFC 9266); empty where the handshake does not allow it, as in TLS 1.2 without extended
   * master secret.
   */
  public Optional<byte[]> exported(String label, int octets) {
    try {
      return Optional.of(session.exportKeyingMaterialData(label, new byte[0], octets));
    } catch (SSLKeyException | UnsupportedOperationException _) {
      return Optional.empty();
    }
  }

  /** Returns version and cipher, as {@code Received:} has them. */
  @Override
  public String toString() {
    return version() + " with cipher " + cipher();
  }

  private static Stream<X509Certificate> certificates(Certificate[] chain) {
    return Stream.of(chain).filter(X509Certificate.class::isInstance).map(X509Certificate.class::cast);
  }
}
