package org.posthorn.queue.h2;

import java.sql.SQLException;
import java.util.Collection;
import java.util.Optional;
import org.posthorn.queue.Handling;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Told;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.SpoolEntry;
import org.posthorn.queue.h2.H2Lane.Statements;

/** Writes the rows of messages that are not in the index, and counts them. */
final class RowWriter {
  private final Statements statements;
  private final Tally tally;

  RowWriter(Statements statements, Tally tally) {
    this.statements = statements;
    this.tally = tally;
  }

  void write(Collection<Addition> additions) throws SQLException {
    if (!additions.isEmpty()) {
      writeMessages(additions);
      writeMoments(additions);
      writePriorities(additions);
      writeRecipients(additions);
    }
  }

  private void writeMessages(Collection<Addition> additions) throws SQLException {
    var insert = statements
        .prepare("""
                 insert into message (id, queued_at, content_bytes, entry_bytes, recipients, sender, sender_key, held)
                 values (?, ?, ?, ?, ?, ?, ?, ?)
                 """);
    for (var addition : additions) {
      var message = addition.entry().message();
      var sender = message.envelope().from().toString();
      insert.setString(1, message.id().value());
      insert.setLong(2, Times.millis(message.queuedAt()));
      insert.setLong(3, message.contentBytes());
      insert.setLong(4, addition.entryBytes());
      insert.setLong(5, RecipientDigest.of(addition.destinations().keySet()));
      insert.setString(6, Keys.text(sender));
      insert.setString(7, Keys.searchKey(sender));
      insert.setBoolean(8, addition.entry().isHeld());
      insert.addBatch();
    }
    insert.executeBatch();
  }

  private void writeMoments(Collection<Addition> additions) throws SQLException {
    for (var addition : additions) {
      var message = addition.entry().message();
      var release = Optional.of(addition.entry().startsAt()).filter(message.queuedAt()::isBefore);
      if (message.deadline().isPresent() || release.isPresent()) {
        var insert = statements.prepare("insert into moment (id, deadline, release, account) values (?, ?, ?, ?)");
        insert.setString(1, message.id().value());
        insert.setObject(2, message.deadline().map(Times::millisUp).orElse(null));
        insert.setObject(3, release.map(Times::millisUp).orElse(null));
        insert.setString(4,
            Keys.text(message.envelope().handling().release().map(Handling.Release::account).orElse("")));
        insert.executeUpdate();
      }
    }
  }

  private void writePriorities(Collection<Addition> additions) throws SQLException {
    for (int priority : Keys.priorities(additions)) {
      var insert = statements.prepare("""
                                      insert into urgency (priority) select ?
                                      where not exists (select 1 from urgency where priority = ?)
                                      """);
      insert.setInt(1, priority);
      insert.setInt(2, priority);
      insert.executeUpdate();
    }
  }

  private void writeRecipients(Collection<Addition> additions) throws SQLException {
    var insert = statements
        .prepare(
            """
            insert into recipient
              (id, number, address, address_key, domain, destination, held, due, queued_at, told, priority, attempts)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
            """);
    for (var addition : additions) {
      var envelope = addition.entry().message().envelope();
      boolean held = addition.entry().isHeld();
      for (var route : addition.destinations().entrySet()) {
        var mailbox = envelope.recipient(route.getKey()).address();
        var address = mailbox.toString();
        var domain = Keys.of(mailbox.host());
        var destination = route.getValue().name();
        insert.setString(1, addition.entry().message().id().value());
        insert.setInt(2, route.getKey().value());
        insert.setString(3, Keys.text(address));
        insert.setString(4, Keys.searchKey(address));
        insert.setString(5, domain);
        insert.setString(6, destination);
        insert.setBoolean(7, held);
        insert.setLong(8, Times.millisUp(addition.due()));
        insert.setLong(9, Times.millis(addition.entry().startsAt()));
        insert.setInt(10, Keys.of(told(addition.entry(), route.getKey())));
        insert.setInt(11, envelope.handling().urgency().value());
        insert.addBatch();
        tally.add(domain, destination, held, 1);
      }
    }
    insert.executeBatch();
  }

  private static Told told(SpoolEntry entry, RecipientNumber recipient) {
    if (entry.message().envelope().from().isNull()) {
      return Told.NOBODY;
    }
    return entry.isDelayReported(recipient) ? Told.DELAY : Told.NOTHING;
  }
}
