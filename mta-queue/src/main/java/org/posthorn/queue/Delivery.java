package org.posthorn.queue;

import org.posthorn.smtp.Mailbox;

/** Gets messages to their destinations. Implemented in mta-delivery. Safe for use by many threads. */
public interface Delivery {
  /** Returns where mail for {@code recipient} goes by the routes in force; no I/O. Depends on its host part only. */
  Destination destinationOf(Mailbox recipient);

  /**
   * Opens a lane to {@code destination}. A lane is used by one thread, which hands it task after task; it keeps its
   * connection from one task to the next. Opening connects to nothing yet.
   */
  Lane open(Destination destination);

  /** A series of transactions with one destination, on one thread. An interrupt breaks off the one that runs. */
  interface Lane extends AutoCloseable {
    /**
     * Tries one task. A connection left from the previous task that turns out dead is replaced, and is no failure of
     * this task. Never throws for what a peer, the DNS or a mailbox does: that is an outcome.
     */
    Attempt deliver(DeliveryTask task) throws InterruptedException;

    /** Says goodbye to the peer, in bounded time. */
    @Override
    void close();
  }
}
