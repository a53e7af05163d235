package org.posthorn.daemon;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.posthorn.daemon.inbound.WaitingMail;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueEntry;
import org.posthorn.queue.QueueFilter;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.QueueNode;

/** The queue, for servers that ask for their mail. One looks through it at a time. Safe for use by many threads. */
final class QueueOnDemand implements WaitingMail {
  private final QueueControl queue;
  private final ReentrantLock turn = new ReentrantLock();

  QueueOnDemand(QueueControl queue) {
    this.queue = queue;
  }

  @Override
  public long start(QueueNode node) {
    turn.lock();
    try {
      return switch (node.scope()) {
        case DOMAIN -> queue.retry(new QueueFilter(QueueFilter.ALL.ids(), Optional.empty(), Optional.empty(),
            Optional.of(node.name()), Optional.empty(), Optional.empty()), QueueControl.Mode.ACT);
        case SUBDOMAINS -> queue.retry(entry -> domain(entry).filter(node::includes).isPresent());
        case QUEUE -> queue.retry(entry -> entry.listing().destination().name().equals(node.name()));
      };
    } finally {
      turn.unlock();
    }
  }

  private static Optional<Domain> domain(QueueEntry entry) {
    String address = entry.listing().address();
    return Domain.parse(address.substring(address.lastIndexOf('@') + 1));
  }
}
