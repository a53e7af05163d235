package org.posthorn.daemon;

import java.util.List;
import org.posthorn.daemon.inbound.AcceptedMail;
import org.posthorn.daemon.tracking.TrackBook;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;

/** Hands to the queue what was accepted. */
final class QueuedMail implements AcceptedMail {
  private final Queue queue;
  private final TrackBook tracks;

  QueuedMail(Queue queue, TrackBook tracks) {
    this.queue = queue;
    this.tracks = tracks;
  }

  @Override
  public void accept(QueuedMessage message, List<Recipient> expanded) {
    if (!expanded.isEmpty()) {
      queue.reportExpanded(message, expanded); // first: a fast delivery would take away the content that it quotes
    }
    tracks.begin(message);
    queue.submit(message);
    queue.awaitIndex();
  }

  @Override
  public boolean isFull() {
    return queue.isBehind();
  }
}
