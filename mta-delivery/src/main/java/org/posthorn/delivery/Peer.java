package org.posthorn.delivery;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import org.posthorn.queue.RemoteMta;
import org.posthorn.queue.RemoteTls;
import org.posthorn.smtp.MailHost;

/**
 * A server to try: one address of one host.
 *
 * @param host what the host is called
 * @param address where it listens
 */
record Peer(MailHost host, SocketAddress address) {
  /** Returns how logs and DSNs name it. */
  RemoteMta remote() {
    return remote(Optional.empty());
  }

  /** Returns how logs and DSNs name it, when a connection with it is encrypted so. */
  RemoteMta remote(Optional<RemoteTls> tls) {
    return new RemoteMta(host.toString(), where(), tls);
  }

  /** Returns the address and port, an IPv6 address in brackets, or the path of the socket. */
  String where() {
    if (address instanceof InetSocketAddress inet) {
      String ip = inet.getAddress().getHostAddress();
      return (inet.getAddress() instanceof Inet6Address ? "[" + ip + "]" : ip) + ":" + inet.getPort();
    }
    return address.toString();
  }
}
