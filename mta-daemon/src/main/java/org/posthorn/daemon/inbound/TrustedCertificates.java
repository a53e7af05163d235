package org.posthorn.daemon.inbound;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.posthorn.daemon.tls.Fingerprint;

/**
 * Client certificates that make a client trusted, as being in a trusted network does.
 *
 * @param fingerprints SHA-256 of certificates or of their public keys, in lower-case hexadecimal digits
 * @param authorities whoever has a certificate of these is trusted
 */
public record TrustedCertificates(Set<String> fingerprints, List<X509Certificate> authorities) {
  /** No certificate makes a client trusted. */
  public static final TrustedCertificates NONE = new TrustedCertificates(Set.of(), List.of());

  private static final Set<String> FOR_CLIENTS = Set.of("1.3.6.1.5.5.7.3.2", "2.5.29.37.0"); // RFC 5280 §4.2.1.12
  private static final int MAX_CHAIN = 10;

  public TrustedCertificates {
    fingerprints = Set.copyOf(fingerprints);
    authorities = List.copyOf(authorities);
  }

  /** Whether there are none, so that clients need not be asked. */
  public boolean isEmpty() {
    return fingerprints.isEmpty() && authorities.isEmpty();
  }

  /** Whether a client that has shown {@code chain} and has the key of its first is trusted. */
  boolean include(List<X509Certificate> chain, Instant now) {
    if (chain.isEmpty()) {
      return false;
    }
    var certificate = chain.getFirst();
    return fingerprints.contains(Fingerprint.of(certificate)) || fingerprints.contains(Fingerprint.ofKey(certificate))
        || (isForClients(certificate) && leadsToAnAuthority(chain, now));
  }

  private boolean leadsToAnAuthority(List<X509Certificate> chain, Instant now) {
    if (authorities.isEmpty() || chain.size() > MAX_CHAIN) {
      return false;
    }
    try {
      var parameters = new PKIXParameters(authorities.stream()
          .map(authority -> new TrustAnchor(authority, null))
          .collect(Collectors.toSet()));
      parameters.setRevocationEnabled(false); // nobody waits for an authority's server; who is out is taken off the list
      parameters.setDate(Date.from(now));
      var path = chain.stream().filter(certificate -> !authorities.contains(certificate)).toList();
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
      return true;
    } catch (CertPathValidatorException _) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the Java runtime cannot check certificates", e);
    }
  }

  private static boolean isForClients(X509Certificate certificate) {
    try {
      return Optional.ofNullable(certificate.getExtendedKeyUsage())
          .map(uses -> uses.stream().anyMatch(FOR_CLIENTS::contains))
          .orElse(true);
    } catch (CertificateParsingException _) {
      return false;
    }
  }
}
