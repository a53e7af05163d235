package org.posthorn.daemon.inbound;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.posthorn.daemon.inbound.InboundCounters.Refusal;

/** What has come in on the listeners of one kind since the start. Safe for use by many threads. */
public final class ListenerCounters {
  private final LongAdder connections = new LongAdder();
  private final LongAdder messages = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final Map<Refusal, LongAdder> refusals = new EnumMap<>(Refusal.class);

  ListenerCounters() {
    for (var refusal : Refusal.values()) {
      refusals.put(refusal, new LongAdder());
    }
  }

  /** Counts a connection that was served. */
  public void connected() {
    connections.increment();
  }

  /** Counts a message of {@code contentBytes} that was accepted. */
  void accepted(long contentBytes) {
    messages.increment();
    bytes.add(contentBytes);
  }

  /** Counts a refusal. */
  public void refused(Refusal why) {
    count(why).increment();
  }

  /** Returns how many connections were served. */
  public long connections() {
    return connections.sum();
  }

  /** Returns how many messages were accepted. */
  public long messages() {
    return messages.sum();
  }

  /** Returns how many octets of content were accepted. */
  public long bytes() {
    return bytes.sum();
  }

  /** Returns how often something was refused for this reason. */
  public long refusals(Refusal why) {
    return count(why).sum();
  }

  /** Returns how often something was refused, for whatever reason. */
  public long refusals() {
    return refusals.values().stream().mapToLong(LongAdder::sum).sum();
  }

  private LongAdder count(Refusal why) {
    return Objects.requireNonNull(refusals.get(why));
  }
}
