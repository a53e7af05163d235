package org.posthorn.daemon.tls;

import java.time.Instant;
import java.util.List;

/**
 * How one of our certificates is.
 *
 * @param source the file it comes from
 * @param names whom it is for
 * @param keyType RSA, EC or EdDSA
 * @param notAfter when it ends
 * @param fingerprint SHA-256 of it
 * @param problems what an operator should do something about; mostly none
 */
public record CertificateState(String source, List<String> names, String keyType, Instant notAfter,
    String fingerprint, List<String> problems) {
  public CertificateState {
    names = List.copyOf(names);
    problems = List.copyOf(problems);
  }
}
