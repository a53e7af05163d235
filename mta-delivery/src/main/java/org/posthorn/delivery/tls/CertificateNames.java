package org.posthorn.delivery.tls;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;

/** The names that a certificate is for (RFC 5280 §4.2.1.6, RFC 9525). */
public final class CertificateNames {
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private CertificateNames() {}

  /** Returns its DNS names, in lower case; a leading {@code *.} stands for one label (RFC 9525 §6.3). */
  public static List<String> dnsNames(X509Certificate certificate) {
    return names(certificate, DNS_NAME).map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  /** Whether {@code names} has {@code host}, a name in lower case, or a wildcard for it. */
  public static boolean covers(List<String> names, String host) {
    int dot = host.indexOf('.');
    // A wildcard for a whole top-level domain is nobody's to have.
    boolean hasDomain = dot > 0 && host.indexOf('.', dot + 1) > 0;
    return names.contains(host) || (hasDomain && names.contains("*" + host.substring(dot)));
  }

  /** Whether {@code certificate} is for {@code host}. The common name does not count (RFC 9525 §2). */
  static boolean covers(X509Certificate certificate, MailHost host) {
    return switch (host) {
      case Domain(var name) -> covers(dnsNames(certificate), name);
      case AddressLiteral(var address) ->
        names(certificate, IP_ADDRESS).anyMatch(name -> InetAddress.ofLiteral(name).equals(address));
    };
  }

  private static Stream<String> names(X509Certificate certificate, int type) {
    try {
      return Stream.ofNullable(certificate.getSubjectAlternativeNames())
          .flatMap(Collection::stream)
          .filter(name -> Integer.valueOf(type).equals(name.getFirst()))
          .map(name -> name.getLast().toString());
    } catch (CertificateParsingException _) {
      return Stream.empty();
    }
  }
}
