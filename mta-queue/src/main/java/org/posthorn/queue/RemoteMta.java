package org.posthorn.queue;

import java.util.Optional;

/**
 * The server that an attempt reached.
 *
 * @param host its name, for the DSN field Remote-MTA (RFC 3464 §2.3.5)
 * @param where its address and port, {@code 192.0.2.1:25}, or the path of its socket
 * @param tls how the connection was encrypted, if it was
 */
public record RemoteMta(String host, String where, Optional<RemoteTls> tls) {
  /** A server that was spoken to in clear text, or not at all. */
  public RemoteMta(String host, String where) {
    this(host, where, Optional.empty());
  }

  /** Returns {@code host[where]}, as the log shows it. */
  @Override
  public String toString() {
    return host + "[" + where + "]";
  }
}
