package org.posthorn.daemon;

import java.util.concurrent.atomic.AtomicReference;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Destination;
import org.posthorn.smtp.Mailbox;

/** Delivers by the settings in force; each task by those that it begins under. Safe for use by many threads. */
final class CurrentDelivery implements Delivery {
  private final AtomicReference<Outbound> current;

  CurrentDelivery(Outbound first) {
    current = new AtomicReference<>(first);
  }

  /** Puts other settings in force, for tasks that begin from now on. */
  void use(Outbound next) {
    current.getAndSet(next).retire();
  }

  Outbound outbound() {
    return current.get();
  }

  /** Returns the way out under the settings in force, which is to be released. */
  Outbound hold() {
    while (true) { // once more when the settings changed in this very moment
      var outbound = current.get();
      if (outbound.hold()) {
        return outbound;
      }
    }
  }

  @Override
  public Destination destinationOf(Mailbox recipient) {
    return current.get().destinationOf(recipient);
  }

  @Override
  public Lane open(Destination destination) {
    return new CurrentLane(destination);
  }

  private Way way(Destination destination) {
    while (true) { // once more when the settings changed in this very moment
      var outbound = current.get();
      var lane = outbound.open(destination);
      if (lane.isPresent()) {
        return new Way(outbound, lane.get());
      }
    }
  }

  private record Way(Outbound under, Lane lane) {}

  /** A lane may be busy for days, but mail for a user that was added must not be returned by the settings of before. */
  private final class CurrentLane implements Lane {
    private final Destination destination;
    private Way way;

    CurrentLane(Destination destination) {
      this.destination = destination;
      this.way = way(destination);
    }

    @Override
    public Attempt deliver(DeliveryTask task) throws InterruptedException {
      if (way.under() != current.get()) {
        var old = way;
        way = way(destination);
        old.lane().close();
      }
      return way.lane().deliver(task);
    }

    @Override
    public void close() {
      way.lane().close();
    }
  }
}
