package org.posthorn.daemon.inbound;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthorn.daemon.auth.Protection;

/** What SASL mechanisms can tie an exchange to: the TLS connection below it. */
final class ChannelBindings {
  private static final int EXPORTER_OCTETS = 32;
  private static final List<String> WEAK = List.of("MD5", "SHA1");

  private ChannelBindings() {}

  /** Returns what {@code encryption} offers. */
  static Protection of(Encryption encryption) {
    Map<String, byte[]> bindings = new HashMap<>();
    encryption.exported("EXPORTER-Channel-Binding", EXPORTER_OCTETS)
        .ifPresent(octets -> bindings.put("tls-exporter", octets)); // RFC 9266 §2
    encryption.serverCertificate()
        .flatMap(ChannelBindings::endPoint)
        .ifPresent(octets -> bindings.put("tls-server-end-point", octets));
    var certificate = encryption.clientCertificates()
        .stream()
        .findFirst()
        .flatMap(shown -> digest("SHA-256", shown))
        .map(HexFormat.of()::formatHex);
    return new Protection(true, bindings, certificate);
  }

  /** The hash of our certificate by the function that signed it, or SHA-256 for a weaker one (RFC 5929 §4.1). */
  private static Optional<byte[]> endPoint(X509Certificate certificate) {
    String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    int with = algorithm.indexOf("WITH");
    if (with <= 0) {
      return Optional.empty(); // EdDSA and PSS do not name one hash function: undefined (RFC 5929 §4.1)
    }
    String hash = algorithm.substring(0, with);
    return digest(WEAK.contains(hash) ? "SHA-256" : hash.replaceFirst("^SHA", "SHA-"), certificate);
  }

  private static Optional<byte[]> digest(String hash, X509Certificate certificate) {
    try {
      return Optional.of(MessageDigest.getInstance(hash).digest(certificate.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was just used", e);
    } catch (GeneralSecurityException _) {
      return Optional.empty();
    }
  }
}
