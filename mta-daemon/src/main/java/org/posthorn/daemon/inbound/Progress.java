package org.posthorn.daemon.inbound;

/** How far one session has come, moved on by whoever answers a command. One thread at a time uses it. */
final class Progress {
  private final Restart restart;
  private Phase phase = new Phase.Greeted();

  Progress(Restart restart) {
    this.restart = restart;
  }

  /** Returns the session's part in transactions that break off. */
  Restart restart() {
    return restart;
  }

  Phase phase() {
    return phase;
  }

  /** Goes on with {@code next}; what was held until now is not dropped. */
  void to(Phase next) {
    phase = next;
  }

  /** Drops the message that is underway, but for what of it can be gone on with. */
  void drop() {
    restart.close();
    phase.drop();
  }

  /** Whether no message is underway, so that the session can be ended without harm. */
  boolean isBetweenMessages() {
    return phase.isBetweenMessages();
  }

  /** Returns what to throw when {@code what} comes where whoever drives the session must not let it. */
  IllegalStateException outOfPlace(String what) {
    return new IllegalStateException(what + " in " + phase);
  }
}
