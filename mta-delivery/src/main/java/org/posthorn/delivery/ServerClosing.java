package org.posthorn.delivery;

import java.io.IOException;
import org.posthorn.smtp.Reply;

/** The server said 421, which it may at any time: it closes the connection and our transaction is void (RFC 5321 §3.8). */
final class ServerClosing extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Reply reply;

  ServerClosing(Reply reply) {
    super("the server closes the connection");
    this.reply = reply;
  }

  /** Returns what it said. */
  Reply reply() {
    return reply;
  }
}
