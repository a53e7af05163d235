package org.posthorn.daemon.inbound;

import java.util.List;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Recipient;

/**
 * A message whose content is about to come.
 *
 * @param envelope what it will be delivered by
 * @param trace where it comes from
 * @param expanded what to report as expanded once it is accepted (RFC 3461 §5.2.7.3)
 * @param listener the kind of listener that it comes to
 * @param replies how many replies the end of it is answered with: by LMTP one for each RCPT that was accepted, else 1
 */
record Submission(Envelope envelope, Trace trace, List<Recipient> expanded, Kind listener,
    int replies) {
  Submission {
    expanded = List.copyOf(expanded);
  }
}
