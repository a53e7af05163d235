package org.posthorn.queue;

/**
 * A next hop that mail waits for: it has its own ready queue, concurrency and state. Two recipients with the same
 * destination may travel in one transaction.
 *
 * @param name as the operator sees it, such as {@code example.org}, {@code smtp://relay.example:25},
 *     {@code lmtp:/run/lmtp} or {@code local}
 */
public record Destination(String name) {
  @Override
  public String toString() {
    return name;
  }
}
