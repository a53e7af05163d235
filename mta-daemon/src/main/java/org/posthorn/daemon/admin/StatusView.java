package org.posthorn.daemon.admin;

import org.posthorn.queue.QueueCounts;

/**
 * How the daemon and its queue are.
 *
 * @param daemon itself
 * @param queue in recipients
 * @param scheduled messages that their senders want to be sent on later (RFC 4865)
 */
public record StatusView(DaemonStatus daemon, QueueCounts queue, long scheduled) {}
