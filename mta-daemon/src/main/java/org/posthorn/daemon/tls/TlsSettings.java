package org.posthorn.daemon.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.posthorn.smtp.Domain;

/**
 * How connections to us are encrypted.
 *
 * @param hostname our name, which our certificate should be for
 * @param certificates what we show; the self-signed one when there is none
 * @param selfSigned the file of a certificate that we make ourselves
 * @param minVersion the oldest version of TLS that is spoken; default 1.2
 * @param ciphers the cipher suites, best first, by their registered names; empty for our choice
 * @param expiryWarning how long before its end a certificate is warned of; default 14 days
 */
public record TlsSettings(Domain hostname, List<CertificateFiles> certificates, Path selfSigned, Version minVersion,
    List<String> ciphers, Duration expiryWarning) {
  /** What to warn of when nothing else is said: ACME tools renew 30 days before the end. */
  public static final Duration USUAL_WARNING = Duration.ofDays(14);

  /** A version of TLS. Older ones are not spoken (RFC 8996). */
  public enum Version {
    /** RFC 5246. */
    TLS_1_2("1.2"),
    /** RFC 8446. */
    TLS_1_3("1.3");

    private final String number;

    Version(String number) {
      this.number = number;
    }

    /** Returns {@code 1.2} or {@code 1.3}. */
    @Override
    public String toString() {
      return number;
    }
  }

  public TlsSettings {
    certificates = List.copyOf(certificates);
    ciphers = List.copyOf(ciphers);
  }
}
