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

  /** What a server was told that asked for its mail. */
  public enum Asked {
    /** ETRN: its mail goes now. */
    ETRN_STARTED,
    /** ETRN: there is none. */
    ETRN_NOTHING,
    /** ETRN: it may not ask for that, or not now. */
    ETRN_REFUSED,
    /** ATRN: the connection is reversed. */
    ATRN_TURNED,
    /** ATRN: there is none. */
    ATRN_NOTHING,
    /** ATRN: it may not have that, or not now. */
    ATRN_REFUSED
  }

  private final Map<Kind, ListenerCounters> listeners = new EnumMap<>(Kind.class);
  private final Map<Asked, LongAdder> asked = new EnumMap<>(Asked.class);
  private final LongAdder logins = new LongAdder();
  private final LongAdder failedLogins = new LongAdder();
  private final LongAdder handshakes = new LongAdder();
  private final LongAdder failedHandshakes = new LongAdder();

  /** Starts at zero. */
  public InboundCounters() {
    for (var kind : Kind.values()) {
      listeners.put(kind, new ListenerCounters());
    }
    for (var answer : Asked.values()) {
      asked.put(answer, new LongAdder());
    }
  }

  /** Returns what is counted for listeners of this kind. */
  public ListenerCounters at(Kind kind) {
    return Objects.requireNonNull(listeners.get(kind));
  }

  /** Counts what a server was told that asked for its mail. */
  void asked(Asked answer) {
    Objects.requireNonNull(asked.get(answer)).increment();
  }

  /** Returns how often that was the answer. */
  public long answers(Asked answer) {
    return Objects.requireNonNull(asked.get(answer)).sum();
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
}
