package org.posthorn.daemon.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.posthorn.delivery.tls.CertificateNames;

/**
 * A certificate and its key: what a server shows.
 *
 * @param chain the certificate, then those that lead to an authority
 * @param key the private key of the first
 * @param source where it comes from, for people
 */
record Credential(List<X509Certificate> chain, PrivateKey key, String source) {
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
    List<String> names = CertificateNames.dnsNames(certificate());
    return names.isEmpty() ? commonName().stream().toList() : names;
  }

  /** Whether it is for {@code host}, a name in lower case. */
  boolean covers(String host) {
    return CertificateNames.covers(names(), host);
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
