package org.posthorn.daemon;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.Destination;
import org.posthorn.smtp.Mailbox;

/** Delivers by the settings in force; a lane keeps those that it was opened under. Safe for use by many threads. */
final class CurrentDelivery implements Delivery {
  private final AtomicReference<Outbound> current;

  CurrentDelivery(Outbound first) {
    current = new AtomicReference<>(first);
  }

  /** Puts other settings in force, for lanes opened from now on. */
  void use(Outbound next) {
    current.getAndSet(next).retire();
  }

  Outbound outbound() {
    return current.get();
  }

  @Override
  public Destination destinationOf(Mailbox recipient) {
    return current.get().destinationOf(recipient);
  }

  @Override
  public Lane open(Destination destination) {
    Optional<Lane> lane = Optional.empty();
    while (lane.isEmpty()) { // once more when the settings changed in this very moment
      lane = current.get().open(destination);
    }
    return lane.get();
  }
}
