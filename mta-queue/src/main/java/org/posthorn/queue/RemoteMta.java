package org.posthorn.queue;

/**
 * The server that an attempt reached.
 *
 * @param host its name, for the DSN field Remote-MTA (RFC 3464 §2.3.5)
 * @param where its address and port, {@code 192.0.2.1:25}, or the path of its socket
 */
public record RemoteMta(String host, String where) {
  /** Returns {@code host[where]}, as the log shows it. */
  @Override
  public String toString() {
    return host + "[" + where + "]";
  }
}
