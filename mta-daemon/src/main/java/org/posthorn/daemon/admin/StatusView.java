package org.posthorn.daemon.admin;

import org.posthorn.queue.QueueCounts;

/** How the daemon and its queue are. */
public record StatusView(DaemonStatus daemon, QueueCounts queue) {}
