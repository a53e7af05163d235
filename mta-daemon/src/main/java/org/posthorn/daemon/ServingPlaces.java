package org.posthorn.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.inbound.netty.NettyListener;
import org.posthorn.daemon.systemd.InheritedSocket;

/** Where clients are served: on the sockets that systemd opened, and for kinds of clients for which there is none where the settings say. */
final class ServingPlaces {
  private final NettyListener listener;

  ServingPlaces(NettyListener listener) {
    this.listener = listener;
  }

  /** Begins to listen; returns where by TCP. Throws IOException that says what cannot be had. */
  List<InetSocketAddress> open(List<ListenerSettings> configured) throws IOException {
    var addresses = new ArrayList<InetSocketAddress>();
    var kinds = EnumSet.noneOf(Kind.class);
    for (var socket : InheritedSocket.takeAll(System.getenv())) {
      Terms terms = terms(socket, configured);
      kinds.add(terms.kind());
      listener.adopt(socket.channel(), socket.address(), terms);
      if (socket.address() instanceof InetSocketAddress address) {
        addresses.add(address);
      }
    }
    addresses.addAll(listener.listen(configured.stream().filter(one -> !kinds.contains(one.terms().kind())).toList()));
    return addresses;
  }

  private static Terms terms(InheritedSocket socket, List<ListenerSettings> configured) throws IOException {
    String name = socket.name().isEmpty() || socket.name().endsWith(".socket") ? "mx" : socket.name();
    Kind kind = Stream.of(Kind.values())
        .filter(one -> one.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> new IOException("the socket unit says FileDescriptorName=" + name
            + ", which must be one of " + List.of(Kind.values())));
    return configured.stream()
        .map(ListenerSettings::terms)
        .filter(terms -> terms.kind() == kind)
        .findFirst()
        .orElse(Terms.of(kind));
  }
}
