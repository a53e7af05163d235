package org.posthorn.daemon;

import java.util.List;
import org.posthorn.daemon.quota.ScheduledMail;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueIndex.Scheduled;
import org.posthorn.queue.QueueIndex.ScheduledTotal;

/** What waits in the queue for a time that its sender has set. */
record ScheduledInQueue(QueueControl queue) implements ScheduledMail.Indexed {
  @Override
  public List<Scheduled> of(String account, int limit) {
    return queue.scheduledFor(account, limit);
  }

  @Override
  public List<ScheduledTotal> all() {
    return queue.scheduledByAccount();
  }
}
