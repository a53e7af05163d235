package org.posthorn.daemon.inbound;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;

/**
 * How much is kept of which transaction, so that neither all of them together nor those of one client grow beyond their
 * bounds. The name of a transaction begins with its client's, up to a hyphen. Safe for use by many threads.
 */
final class CheckpointRoom {
  @GuardedBy("this")
  private final Map<String, Long> octets = new HashMap<>();
  @GuardedBy("this")
  private final Map<String, CheckpointFill> clients = new HashMap<>();
  @GuardedBy("this")
  private CheckpointFill total = CheckpointFill.NONE;

  /** Takes room for {@code more} octets of {@code name}; false when there is not so much. */
  synchronized boolean take(String name, long more, CheckpointSettings settings) {
    boolean isNew = !octets.containsKey(name);
    var ofClient = clients.getOrDefault(client(name), CheckpointFill.NONE);
    if (!total.hasRoom(isNew, more, settings.all()) || !ofClient.hasRoom(isNew, more, settings.each())) {
      return false;
    }
    set(name, octets.getOrDefault(name, 0L) + more);
    return true;
  }

  /** Notes that {@code size} octets of {@code name} are there. */
  synchronized void set(String name, long size) {
    var before = octets.put(name, size);
    add(name, before == null ? 1 : 0, size - (before == null ? 0 : before));
  }

  /** Notes that nothing of {@code name} is there any more. */
  synchronized void free(String name) {
    var before = octets.remove(name);
    if (before != null) {
      add(name, -1, -before);
    }
  }

  synchronized CheckpointFill total() {
    return total;
  }

  @GuardedBy("this")
  private void add(String name, int transactions, long more) {
    total = total.plus(transactions, more);
    clients.compute(client(name), (_, before) -> {
      var after = (before == null ? CheckpointFill.NONE : before).plus(transactions, more);
      return after.transactions() == 0 ? null : after;
    });
  }

  private static String client(String name) {
    return name.substring(0, Math.max(name.indexOf('-'), 0));
  }
}
