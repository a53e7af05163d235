package org.posthorn.queue;

/**
 * Where the queue is kept.
 *
 * @param spool the truth
 * @param index what is due when and where
 * @param writes how the scheduler changes the index
 * @param pauses the destinations that are paused
 */
public record QueueStores(Spool spool, QueueIndex index, IndexWrites writes, Pauses pauses) {}
