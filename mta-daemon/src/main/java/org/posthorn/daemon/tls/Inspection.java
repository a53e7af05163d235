package org.posthorn.daemon.tls;

import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Looks for what is wrong with our certificates, or soon will be. */
final class Inspection {
  private static final int MIN_RSA_BITS = 2048;

  private final TlsSettings settings;
  private final Instant now;

  /** Looks at certificates of these settings, now. */
  Inspection(TlsSettings settings, Instant now) {
    this.settings = settings;
    this.now = now;
  }

  /** Returns how {@code all} are; {@code trouble} is what keeps newer ones from taking their place, if anything does. */
  List<CertificateState> of(List<Credential> all, String trouble) {
    boolean isForUs = all.stream().anyMatch(one -> one.covers(settings.hostname().name()));
    return all.stream().map(one -> state(one, isForUs, trouble)).toList();
  }

  private CertificateState state(Credential one, boolean isForUs, String trouble) {
    X509Certificate certificate = one.certificate();
    Instant end = certificate.getNotAfter().toInstant();
    var problems = new ArrayList<String>();
    if (!trouble.isEmpty()) {
      problems.add("should be replaced, but " + trouble);
    }
    settings.certificates()
        .stream()
        .filter(files -> files.chain().toString().equals(one.source()))
        .flatMap(files -> files.exposure().stream())
        .forEach(problems::add);
    if (end.isBefore(now)) {
      problems.add("has expired on " + end.atOffset(ZoneOffset.UTC).toLocalDate());
    } else if (end.isBefore(now.plus(settings.expiryWarning()))) {
      problems.add("expires in " + days(end) + ", on " + end.atOffset(ZoneOffset.UTC).toLocalDate());
    }
    if (certificate.getNotBefore().toInstant().isAfter(now)) {
      problems.add("is not valid yet, but from " + certificate.getNotBefore().toInstant());
    }
    if (!isForUs) {
      problems.add("is not for " + settings.hostname() + ", our name, but for " + String.join(", ", one.names()));
    }
    if (!isInOrder(one.chain())) {
      problems.add("is not followed by the certificate that signed it: use the file with the full chain");
    }
    if (certificate.getPublicKey() instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
      problems.add("has an RSA key of only " + rsa.getModulus().bitLength() + " bits");
    }
    return new CertificateState(one.source(), one.names(), one.keyType(), end, Fingerprint.of(certificate), problems);
  }

  private String days(Instant end) {
    long days = Duration.between(now, end).toDays();
    return days == 1 ? "1 day" : days > 1 ? days + " days" : now.until(end, ChronoUnit.HOURS) + " hours";
  }

  private static boolean isInOrder(List<X509Certificate> chain) {
    for (int i = 1; i < chain.size(); i++) {
      if (!chain.get(i - 1).getIssuerX500Principal().equals(chain.get(i).getSubjectX500Principal())) {
        return false;
      }
    }
    return true;
  }
}
