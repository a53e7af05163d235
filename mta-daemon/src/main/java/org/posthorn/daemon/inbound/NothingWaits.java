package org.posthorn.daemon.inbound;

import java.util.OptionalLong;
import java.util.Set;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.QueueNode;

/** A queue in which nothing waits for anybody. */
final class NothingWaits implements WaitingMail {
  @Override
  public OptionalLong start(QueueNode node) {
    return OptionalLong.of(0);
  }

  @Override
  public boolean waitsFor(Set<Domain> domains) {
    return false;
  }

  @Override
  public boolean isVisited(Set<Domain> domains) {
    return false;
  }

  @Override
  public void deliver(Set<Domain> domains, Turned connection) {
    throw new IllegalStateException("nothing waits");
  }
}
