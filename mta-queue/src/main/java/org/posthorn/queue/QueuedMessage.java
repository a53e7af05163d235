package org.posthorn.queue;

import java.time.Instant;

/**
 * A message that is in the spool.
 *
 * @param id its name
 * @param queuedAt when we took responsibility for it
 * @param envelope what it is delivered by
 * @param contentBytes the length of its content in octets
 */
public record QueuedMessage(QueueId id, Instant queuedAt, Envelope envelope, long contentBytes) {}
