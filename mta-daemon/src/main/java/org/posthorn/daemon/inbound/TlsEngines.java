package org.posthorn.daemon.inbound;

import javax.net.ssl.SSLEngine;

/** Makes our end of TLS connections, under the certificates now in force. Safe for use by many threads. */
public interface TlsEngines {
  /** Returns the server's end of one connection that has not begun its handshake. */
  SSLEngine engine();
}
