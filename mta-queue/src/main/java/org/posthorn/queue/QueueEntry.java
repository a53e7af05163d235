package org.posthorn.queue;

/**
 * One recipient that waits, as the operator sees it.
 *
 * @param listing what is known of it
 * @param state how far it has come
 * @param site whether mail goes to its destination now
 */
public record QueueEntry(QueueIndex.Listing listing, State state, SiteStatus.State site) {
  /** How far a recipient has come. */
  public enum State {
    /** It is being tried. */
    ACTIVE,
    /** It is due, and waits for its turn at its destination. */
    READY,
    /** It is due later. */
    DEFERRED,
    /** Its sender wants it to be sent on later (RFC 4865). */
    SCHEDULED,
    /** The operator holds it back. */
    HELD
  }
}
