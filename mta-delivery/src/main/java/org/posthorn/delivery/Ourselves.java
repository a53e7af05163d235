package org.posthorn.delivery;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Set;
import org.posthorn.smtp.Domain;

/**
 * How to tell that a mail host is this host, which must not send mail to itself (RFC 5321 §5.1).
 *
 * @param names what this host is called, its host name first of all
 * @param listeners where it takes mail; the wildcard address stands for every address of this machine
 */
public record Ourselves(Set<Domain> names, List<InetSocketAddress> listeners) {
  public Ourselves {
    names = Set.copyOf(names);
    listeners = List.copyOf(listeners);
  }

  /** Whether a mail host called {@code name} is this host. */
  boolean isNamed(Domain name) {
    return names.contains(name);
  }

  /** Whether a connection to {@code peer} would reach a listener of ours. */
  boolean listensAt(InetSocketAddress peer) {
    return listeners.stream()
        .anyMatch(listener -> listener.getPort() == peer.getPort()
            && (listener.getAddress().isAnyLocalAddress()
                ? isOfThisMachine(peer.getAddress())
                : listener.getAddress().equals(peer.getAddress())));
  }

  private static boolean isOfThisMachine(InetAddress address) {
    try {
      return address.isAnyLocalAddress() || address.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException _) {
      return false; // a loop is still cut by the count of Received fields
    }
  }
}
