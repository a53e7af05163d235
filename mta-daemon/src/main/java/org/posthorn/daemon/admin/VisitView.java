package org.posthorn.daemon.admin;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.posthorn.delivery.Visits.Visit;
import org.posthorn.queue.Destination;
import org.posthorn.queue.RemoteTls;

/**
 * A server that has come for its mail (ATRN, RFC 2645).
 *
 * @param server as the log names it
 * @param destinations whose mail it has come for
 * @param since when it came
 * @param messages that it has taken so far
 * @param tls how its connection is encrypted, if it is
 */
public record VisitView(String server, List<String> destinations, Instant since, long messages, Optional<String> tls) {
  public VisitView {
    destinations = List.copyOf(destinations);
  }

  /** Shows {@code visit}. */
  public static VisitView of(Visit visit) {
    return new VisitView(visit.server().toString(),
        visit.destinations().stream().map(Destination::name).sorted().toList(), visit.since(), visit.messages(),
        visit.server().tls().map(RemoteTls::version));
  }
}
