package org.posthorn.daemon.inbound;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;

/** What has come in since the start. Safe for use by many threads. */
public final class InboundCounters {
  /** Why something was refused. */
  public enum Refusal {
    /** A connection beyond a bound. */
    CONNECTION,
    /** A command out of place, unknown or malformed. */
    COMMAND,
    /** A recipient that this client may not send to, or that does not exist. */
    RECIPIENT,
    /** A message for its sender, size, lines or loops, or for how much there was before it. */
    CONTENT,
    /** A message that our own disk did not take. */
    STORAGE
  }

  private final Map<Kind, LongAdder> connections = new EnumMap<>(Kind.class);
  private final LongAdder messages = new LongAdder();
  private final LongAdder logins = new LongAdder();
  private final LongAdder failedLogins = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder handshakes = new LongAdder();
  private final LongAdder failedHandshakes = new LongAdder();
  private final Map<Refusal, LongAdder> refusals = new EnumMap<>(Refusal.class);

  /** Starts at zero. */
  public InboundCounters() {
    for (var refusal : Refusal.values()) {
      refusals.put(refusal, new LongAdder());
    }
    for (var kind : Kind.values()) {
      connections.put(kind, new LongAdder());
    }
  }

  /** Counts an AUTH that succeeded, or did not. */
  public void login(boolean isSuccess) {
    (isSuccess ? logins : failedLogins).increment();
  }

  /** Returns how often AUTH succeeded. */
  public long logins() {
    return logins.sum();
  }

  /** Returns how often AUTH failed for who wanted in. */
  public long failedLogins() {
    return failedLogins.sum();
  }

  /** Counts a connection that was served on a listener of this kind. */
  public void connected(Kind kind) {
    Objects.requireNonNull(connections.get(kind)).increment();
  }

  /** Counts a message of {@code contentBytes} that was accepted. */
  public void accepted(long contentBytes) {
    messages.increment();
    bytes.add(contentBytes);
  }

  /** Counts a TLS handshake that has ended. */
  public void handshake(boolean hasSucceeded) {
    (hasSucceeded ? handshakes : failedHandshakes).increment();
  }

  /** Returns how many TLS handshakes have led to an encrypted connection. */
  public long handshakes() {
    return handshakes.sum();
  }

  /** Returns how many have not. */
  public long failedHandshakes() {
    return failedHandshakes.sum();
  }

  /** Counts a refusal. */
  public void refused(Refusal why) {
    count(why).increment();
  }

  /** Returns how many connections were served on listeners of this kind. */
  public long connections(Kind kind) {
    return Objects.requireNonNull(connections.get(kind)).sum();
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

  private LongAdder count(Refusal why) {
    return Objects.requireNonNull(refusals.get(why));
  }
}
