package org.posthorn.daemon;

import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.posthorn.daemon.admin.ListenerView;
import org.posthorn.daemon.admin.TrackingView;
import org.posthorn.daemon.inbound.InboundCounters;
import org.posthorn.daemon.inbound.netty.NettyListener.Place;
import org.posthorn.daemon.socket.AddressText;
import org.posthorn.daemon.tracking.MtqpServer;
import org.posthorn.daemon.tracking.TrackBook;

/** What an operator sees of the parts of the daemon. */
final class StatusViews {
  private StatusViews() {}

  /** Shows what has come in at {@code places}, a view for each kind of listener. */
  static List<ListenerView> traffic(List<Place> places, InboundCounters counters) {
    var kinds = places.stream()
        .collect(Collectors.groupingBy(Place::kind, TreeMap::new,
            Collectors.mapping(Place::address, Collectors.toList())));
    return kinds.entrySet().stream().map(kind -> {
      var count = counters.at(kind.getKey());
      return new ListenerView(kind.getKey().toString(), kind.getValue(), count.connections(), count.messages(),
          count.bytes(), count.refusals());
    }).toList();
  }

  /** Shows how messages are tracked. */
  static TrackingView tracking(MtqpServer server, TrackBook tracks) {
    var counts = server.counters();
    return new TrackingView(server.addresses().stream().map(AddressText::of).toList(), server.clients(),
        counts.connections(), counts.refusals(), counts.known(), counts.unknown(), tracks.tracked());
  }
}
