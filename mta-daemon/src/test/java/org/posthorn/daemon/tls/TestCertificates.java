package org.posthorn.daemon.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.posthorn.delivery.tls.AnyCertificate;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.SettableClock;

/** Certificates of an authority for tests, and what servers and clients make of them. */
public final class TestCertificates {
  /** A time at which all of them are valid. */
  public static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  private TestCertificates() {}

  /** Returns a file of the test resources. */
  public static Path file(String name) {
    try {
      return Path.of(Objects.requireNonNull(TestCertificates.class.getResource(name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the files of {@code name}: {@code name.pem} and {@code name.key}. */
  public static CertificateFiles files(String name) {
    var key = file(name + ".key");
    try {
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------")); // a checkout has it for all
      return new CertificateFiles(file(name + ".pem"), key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the certificates in {@code name.pem}, the one of that name first. */
  public static List<X509Certificate> chain(String name) {
    try {
      return CertificateFiles.certificates(file(name + ".pem"));
    } catch (CredentialException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns settings of mail.example.org with these certificates. */
  public static TlsSettings settings(CertificateFiles... certificates) {
    return new TlsSettings(Domain.of("mail.example.org"), List.of(certificates), Path.of("/nonexistent/made.pem"),
        TlsSettings.Version.TLS_1_2, List.of(), TlsSettings.USUAL_WARNING);
  }

  /** Returns a server with these settings, at {@link #NOW}. */
  public static ServerTls server(TlsSettings settings) {
    try {
      return new ServerTls(settings, new SettableClock(NOW), RandomGenerator.getDefault());
    } catch (CredentialException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a client that takes any server, and shows the certificate of {@code names} when it is asked. */
  public static SSLContext client(String... names) {
    try {
      var credentials = new KeyManager[names.length];
      for (int i = 0; i < names.length; i++) {
        credentials[i] = new ClientKey(files(names[i]).read());
      }
      var context = SSLContext.getInstance("TLS");
      context.init(credentials, new TrustManager[]{new AnyCertificate()}, null);
      return context;
    } catch (GeneralSecurityException | CredentialException e) {
      throw new IllegalStateException(e);
    }
  }
}
