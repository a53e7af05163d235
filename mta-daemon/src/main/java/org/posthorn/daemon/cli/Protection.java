package org.posthorn.daemon.cli;

import java.util.Optional;
import org.posthorn.delivery.tls.ClientTls;
import org.posthorn.smtp.MailHost;

/**
 * How a session of a client is protected, and who it is for.
 *
 * @param start when TLS begins
 * @param tls makes the handshake
 * @param host what the server is called, which it is asked for and must prove when {@code isVerified}
 * @param isVerified whether a server that does not prove it is left
 * @param login who to log in as
 */
record Protection(Start start, ClientTls tls, MailHost host, boolean isVerified, Optional<Login> login) {
  /** When TLS begins. */
  enum Start {
    /** Never. */
    NEVER,
    /** After the hello, by STARTTLS (RFC 3207). */
    STARTTLS,
    /** Before the greeting (RFC 8314 §3.3). */
    IMPLICIT
  }

  /** A user and a password. */
  record Login(String user, String password) {}
}
