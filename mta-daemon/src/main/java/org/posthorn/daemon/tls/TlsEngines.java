package org.posthorn.daemon.tls;

import javax.net.ssl.SSLEngine;

/** Makes our end of TLS connections, under the certificates now in force. Safe for use by many threads. */
public interface TlsEngines {
  /**
   * Returns the server's end of one connection that has not begun its handshake.
   *
   * @param asksForCertificate whether the client is asked for a certificate; it need not have one
   */
  SSLEngine engine(boolean asksForCertificate);
}
