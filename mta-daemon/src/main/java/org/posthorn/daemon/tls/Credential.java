package org.posthorn.daemon.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/**
 * A certificate and its key: what a server shows.
 *
 * @param chain the certificate, then those that lead to an authority
 * @param key the private key of the first
 * @param source where it comes from, for people
 */
record Credential(List<X509Certificate> chain, PrivateKey key, String source) {
  private static final int DNS_NAME = 2; // RFC 5280 §4.2.1.6

  Credential {
    chain = List.copyOf(chain);
  }

  X509Certificate certificate() {
    return chain.getFirst();
  }

  /** Returns the kind of its key as JSSE calls it: RSA, EC, EdDSA or RSASSA-PSS. */
  String keyType() {
    return certificate().getPublicKey().getAlgorithm();
  }

  /** Returns the names that it is for, in lower case; a leading {@code *.} stands for one label (RFC 9525 §6.3). */
  List<String> names() {
    List<String> names = alternativeNames();
    return names.isEmpty() ? commonName().stream().toList() : names;
  }

  /** Whether it is for {@code host}, a name in lower case. */
  boolean covers(String host) {
    int dot = host.indexOf('.');
    String wildcard = dot < 0 ? host : "*" + host.substring(dot);
    List<String> names = names();
    return names.contains(host) || names.contains(wildcard);
  }

  /** Throws CredentialException when the key is another's. */
  void requireOwnKey() throws CredentialException {
    byte[] text = {1, 2, 3};
    try {
      var signature = Signature.getInstance(switch (keyType()) {
        case "EC" -> "SHA256withECDSA";
        case "RSA" -> "SHA256withRSA";
        default -> keyType();
      });
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(certificate());
      signature.update(text);
      if (!signature.verify(signed)) {
        throw new CredentialException(source + ": the key does not belong to the certificate");
      }
    } catch (GeneralSecurityException e) {
      throw new CredentialException(source + ": the key does not work: " + e.getMessage(), e);
    }
  }

  private List<String> alternativeNames() {
    try {
      return Stream.ofNullable(certificate().getSubjectAlternativeNames())
          .flatMap(Collection::stream)
          .filter(name -> Integer.valueOf(DNS_NAME).equals(name.getFirst()))
          .map(name -> name.getLast().toString().toLowerCase(Locale.ROOT))
          .toList();
    } catch (CertificateParsingException _) {
      return List.of();
    }
  }

  /** Certificates of long ago have their only name there. */
  private Optional<String> commonName() {
    try {
      return new LdapName(certificate().getSubjectX500Principal().getName()).getRdns()
          .stream()
          .filter(part -> part.getType().equalsIgnoreCase("CN"))
          .map(part -> part.getValue().toString().toLowerCase(Locale.ROOT))
          .findFirst();
    } catch (InvalidNameException _) {
      return Optional.empty();
    }
  }
}
