package org.posthorn.delivery.tls;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Whose word is trusted for whose certificate a server shows.
 *
 * @param certificates the certificates of the authorities; empty: those that this system trusts
 */
public record Authorities(List<X509Certificate> certificates) {
  /** Those that this system trusts. */
  public static final Authorities OF_SYSTEM = new Authorities(List.of());
  /** Where systems keep them: Debian and Alpine, Red Hat, SUSE, BSD. */
  private static final List<Path> SYSTEM_FILES = List.of(Path.of("/etc/ssl/certs/ca-certificates.crt"),
      Path.of("/etc/pki/tls/certs/ca-bundle.crt"), Path.of("/etc/ssl/ca-bundle.pem"), Path.of("/etc/ssl/cert.pem"));

  public Authorities {
    certificates = List.copyOf(certificates);
  }

  /** Reads those in a PEM file; throws IOException when there is none, or one cannot be read. */
  public static Authorities read(Path file) throws IOException {
    try (var in = new BufferedInputStream(Files.newInputStream(file))) {
      var found = new ArrayList<X509Certificate>();
      CertificateFactory.getInstance("X.509")
          .generateCertificates(in)
          .forEach(certificate -> found.add((X509Certificate) certificate));
      if (found.isEmpty()) {
        throw new IOException("holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
      }
      return new Authorities(found);
    } catch (CertificateException e) {
      throw new IOException("a certificate cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns what judges chains of certificates by them. Reads the files of the system when these are meant. */
  X509TrustManager judge() throws IOException {
    try {
      var factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(certificates.isEmpty() ? ofSystem() : store(certificates));
      for (var one : factory.getTrustManagers()) {
        if (one instanceof X509TrustManager judge) {
          return judge;
        }
      }
      throw new IOException("this Java knows no PKIX");
    } catch (GeneralSecurityException e) {
      throw new IOException("the authorities cannot be used: " + e.getMessage(), e);
    }
  }

  /** Returns those of the system; null, which stands for those that came with Java, when it has no such file. */
  @SuppressWarnings("NullAway") // what TrustManagerFactory takes for the store of its own
  private static KeyStore ofSystem() throws IOException, GeneralSecurityException {
    for (Path file : SYSTEM_FILES) {
      if (Files.isReadable(file)) {
        return store(read(file).certificates());
      }
    }
    return null;
  }

  private static KeyStore store(List<X509Certificate> certificates) throws IOException, GeneralSecurityException {
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (int i = 0; i < certificates.size(); i++) {
      store.setCertificateEntry("authority-" + i, certificates.get(i));
    }
    return store;
  }
}
