package org.posthorn.queue;

import static org.posthorn.queue.Messages.addition;
import static org.posthorn.queue.Messages.envelope;
import static org.posthorn.queue.Messages.id;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Listing;

/** An index of the queue to be tested, and what tests put in and ask. */
abstract class QueueIndexFixture {
  /** The time of the tests. */
  protected static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123Z");
  static final Instant LATER = NOW.plusSeconds(300);
  static final Destination A = new Destination("a.example");
  static final Destination B = new Destination("b.example");
  static final RecipientNumber FIRST = new RecipientNumber(0);
  static final RecipientNumber SECOND = new RecipientNumber(1);

  QueueIndex index;

  /** Opens an empty index. */
  protected abstract QueueIndex open() throws Exception;

  @BeforeEach
  void openIndex() throws Exception {
    index = open();
  }

  @AfterEach
  void closeIndex() {
    index.close();
  }

  static Addition message(int number, Instant due, String... to) {
    return addition(id(number), NOW, due, envelope("s@s.example", to));
  }

  void add(Addition... additions) {
    apply(List.of(additions), List.of(), List.of(), List.of());
  }

  void apply(List<Addition> added, List<Deferral> deferred, List<Finish> finished, List<QueueId> removed) {
    index.apply(new Changes(added, deferred, finished, removed));
  }

  List<QueueId> ids() {
    var ids = new ArrayList<QueueId>();
    index.forEachId(ids::add);
    return ids.stream().sorted().toList();
  }

  List<Listing> find(QueueFilter filter) {
    var listings = new ArrayList<Listing>();
    index.find(filter, listings::add);
    return listings;
  }

  List<String> found(QueueFilter filter) {
    return find(filter).stream()
        .map(row -> Integer.parseInt(row.id().value()) + "." + row.recipient().value())
        .toList();
  }

  static QueueFilter bySender(String sender) {
    return filter(Optional.of(sender), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  static QueueFilter byRecipient(String recipient) {
    return filter(Optional.empty(), Optional.of(recipient), Optional.empty(), Optional.empty(), Optional.empty());
  }

  static QueueFilter byDomain(String domain) {
    return filter(Optional.empty(), Optional.empty(), Optional.of(domain), Optional.empty(), Optional.empty());
  }

  static QueueFilter filter(Optional<String> sender, Optional<String> recipient, Optional<String> domain,
      Optional<Instant> before, Optional<Boolean> held) {
    return new QueueFilter(List.of(), sender, recipient, domain, before, held);
  }
}
