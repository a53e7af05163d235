package org.posthorn.daemon.inbound;

import org.posthorn.smtp.Reply;

/** How many errors and idle commands a client is still allowed. An accepted message restores all of it. */
final class Patience {
  /** Recipients beyond a limit that count as no error: who pipelines them all learns it late. */
  private static final int OVERSHOOT = 1000;

  private final SessionSettings settings;
  private int errors;
  private int idleCommands;
  private int overshoot;

  Patience(SessionSettings settings) {
    this.settings = settings;
  }

  /** Counts {@code reply}, and returns whether the client has gone too far with it. */
  boolean isExhaustedBy(Reply reply) {
    if (reply.isPermanent()) {
      errors++;
    }
    return errors > settings.errors();
  }

  /** Counts a command that brings no mail forward. */
  void countIdle() {
    idleCommands++;
    errors += idleCommands > settings.idleCommands() ? 1 : 0;
  }

  /** Counts a recipient beyond a limit, ours or that of the client. */
  void countOvershoot() {
    overshoot++;
    errors += overshoot > OVERSHOOT ? 1 : 0;
  }

  void restore() {
    errors = 0;
    idleCommands = 0;
    overshoot = 0;
  }
}
