package org.posthorn.delivery.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets every handshake come to its end, whatever the server shows: TLS with an unknown server is better than none, and what
 * its certificate is worth is asked afterwards, by {@link ClientTls}. The handshake proves that the server has its key.
 */
final class AnyServerCertificate extends X509ExtendedTrustManager {
  private static final X509Certificate[] FROM_ANYBODY = {};

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
    throw new UnsupportedOperationException("we are the client");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
    throw new UnsupportedOperationException("we are the client");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType) {
    throw new UnsupportedOperationException("we are the client");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return FROM_ANYBODY;
  }
}
