package org.posthorn.delivery.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets every handshake come to its end, whatever certificate the other side shows, which proves no more than that it has the
 * key. With a server that is better than no TLS, and {@link ClientTls} asks afterwards what the certificate is worth; many
 * clients show one to everybody, and the relay policy asks what that is worth.
 */
public final class AnyCertificate extends X509ExtendedTrustManager {
  private static final X509Certificate[] FROM_ANYBODY = {};

  /** Returns one; all are alike. */
  public AnyCertificate() {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
    // see above
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
    // see above
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType) {
    // see above
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
    // see above
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
    // see above
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType) {
    // see above
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return FROM_ANYBODY;
  }
}
