package org.posthorn.daemon.admin;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.posthorn.queue.QueueEntry;

/**
 * A message that waits, with those of its recipients that do.
 *
 * @param id its id
 * @param queuedAt when we took it
 * @param bytes the length of its content
 * @param sender the reverse-path; empty for the null sender
 * @param recipients who waits
 */
public record MessageView(String id, Instant queuedAt, long bytes, String sender, List<RecipientView> recipients) {
  /**
   * A recipient that waits.
   *
   * @param address where the mail goes
   * @param destination the next hop
   * @param state active, ready, deferred, scheduled or held
   * @param site how the destination is: open, backing-off, probing or paused
   * @param attempts made so far
   * @param due when the next one may be
   * @param lastReply what was said at the last one
   */
  public record RecipientView(String address, String destination, String state, String site, int attempts, Instant due,
      Optional<String> lastReply) {}

  public MessageView {
    recipients = List.copyOf(recipients);
  }

  /** Puts the entries of one message together; at least one. */
  static MessageView of(List<QueueEntry> entries) {
    var first = entries.getFirst().listing();
    return new MessageView(first.id().value(), first.queuedAt(), first.contentBytes(), first.sender(),
        entries.stream().map(MessageView::recipient).toList());
  }

  private static RecipientView recipient(QueueEntry entry) {
    var listing = entry.listing();
    return new RecipientView(listing.address(), listing.destination().name(), word(entry.state()), word(entry.site()),
        listing.attempts(), listing.due(), listing.lastReply());
  }

  /** Returns an enum as JSON and tables show it. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
