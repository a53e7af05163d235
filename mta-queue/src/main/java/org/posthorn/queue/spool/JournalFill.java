package org.posthorn.queue.spool;

/**
 * How full the journal is.
 *
 * @param messages messages in it that are not done and have no file of their own
 * @param bytes the length of its files, in octets
 */
public record JournalFill(int messages, long bytes) {}
