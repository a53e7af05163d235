package org.posthorn.daemon.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Takes whatever certificate a client shows: many servers show one to everybody, and must get through with it. The handshake
 * proves that the client has its key; what that is worth, the relay policy decides.
 */
final class AnyClientCertificate extends X509ExtendedTrustManager {
  private static final X509Certificate[] FROM_ANYBODY = {};

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
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
    throw new UnsupportedOperationException("we are the server");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
    throw new UnsupportedOperationException("we are the server");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType) {
    throw new UnsupportedOperationException("we are the server");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return FROM_ANYBODY;
  }
}
