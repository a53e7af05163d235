package org.posthorn.queue;

/**
 * How much is in the queue, and what became of the rest since the start. All counts are of recipients.
 *
 * @param active being tried, or what follows from that being written
 * @param ready in memory, waiting for their turn
 * @param waiting in the index and not in memory: due later, or sooner than there is room; without those on hold
 * @param held held back by the operator
 * @param lanes transactions that may run now
 */
public record QueueCounts(long active, long ready, long waiting, long held, long lanes, long delivered, long deferred,
    long bounced, long expired, long deleted) {}
