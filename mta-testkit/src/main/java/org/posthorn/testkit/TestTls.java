package org.posthorn.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
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
    try (var in = open(name + ".p12")) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD);
      var keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, PASSWORD);
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("no certificate called " + name, e);
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
