package org.posthorn.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Certificates for servers of tests, all by one authority of their own: {@code peer} for mx1.peer.example, mx2.peer.example,
 * localhost, 127.0.0.1 and ::1; {@code stranger} for other.example; {@code expired} like peer, but out of date.
 */
public final class TestTls {
  /** The one that a script means when it does not say. */
  static final String PEER = "peer";
  private static final char[] PASSWORD = "changeit".toCharArray();

  private TestTls() {}

  /** Returns what a server shows the certificate {@code name} by. */
  public static SSLContext server(String name) {
    try {
      var keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store(name), PASSWORD);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("no certificate called " + name, e);
    }
  }

  /** Writes the key and the certificates of {@code name}, in PEM, below {@code folder}, and returns the file. */
  public static Path pem(Path folder, String name) throws IOException {
    try {
      var store = store(name);
      var alias = store.aliases().nextElement();
      var text = new StringBuilder(pem("PRIVATE KEY", store.getKey(alias, PASSWORD).getEncoded()));
      for (var certificate : store.getCertificateChain(alias)) {
        text.append(pem("CERTIFICATE", certificate.getEncoded()));
      }
      var file = folder.resolve(name + ".pem");
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      return file;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no certificate called " + name, e);
    }
  }

  private static String pem(String type, byte[] octets) {
    return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(octets)
        + "\n-----END " + type + "-----\n";
  }

  private static KeyStore store(String name) throws IOException, GeneralSecurityException {
    try (var in = open(name + ".p12")) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD);
      return store;
    }
  }

  /** Writes the certificate of the authority, in PEM, below {@code folder}, and returns the file. */
  public static Path authority(Path folder) throws IOException {
    var file = folder.resolve("authority.pem");
    try (var in = open("authority.pem")) {
      Files.copy(in, file);
    }
    return file;
  }

  private static InputStream open(String name) throws IOException {
    var in = TestTls.class.getResourceAsStream("tls/" + name);
    if (in == null) {
      throw new IOException("no resource " + name);
    }
    return in;
  }
}
