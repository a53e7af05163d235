package org.posthorn.queue.h2;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.h2.H2Lane.Statements;

/** Writes one batch of changes, and keeps count of how many recipients wait for each destination. */
final class ChangeWriter {
  private final Statements statements;
  /** By how much the count of each destination changes; sorted, so that two writers would lock rows in one order. */
  private final Map<String, Long> deltas = new TreeMap<>();

  ChangeWriter(Statements statements) {
    this.statements = statements;
  }

  void apply(Changes changes) throws SQLException {
    var removed = new HashSet<>(changes.removed());
    add(changes.added().stream().filter(addition -> !removed.contains(addition.entry().message().id())).toList());
    defer(changes.deferred());
    finish(changes.finished());
    for (var id : removed) {
      remove(id);
    }
    writeCounts();
  }

  void setHeld(List<QueueId> ids, boolean held) throws SQLException {
    var count = statements.prepare(
        "select destination, count(*) from recipient where id = ? and held <> ? group by destination");
    var message = statements.prepare("update message set held = ? where id = ?");
    var recipients = statements.prepare("update recipient set held = ? where id = ?");
    for (var id : new HashSet<>(ids)) {
      count.setString(1, id.value());
      count.setBoolean(2, held);
      for (var waiting : H2QueueIndex.list(count, row -> Map.entry(row.getString(1), row.getLong(2)))) {
        deltas.merge(waiting.getKey(), held ? -waiting.getValue() : waiting.getValue(), Long::sum);
      }
      for (var update : List.of(message, recipients)) {
        update.setBoolean(1, held);
        update.setString(2, id.value());
        update.executeUpdate();
      }
    }
    writeCounts();
  }

  private void add(List<Addition> additions) throws SQLException {
    if (additions.isEmpty()) {
      return;
    }
    var message = statements
        .prepare("""
                 insert into message (id, queued_at, content_bytes, sender, sender_key, held) values (?, ?, ?, ?, ?, ?)
                 """);
    for (var addition : additions) {
      var entry = addition.entry();
      remove(entry.message().id()); // what is known already is replaced
      var sender = entry.message().envelope().from().toString();
      message.setString(1, entry.message().id().value());
      message.setLong(2, Times.millis(entry.message().queuedAt()));
      message.setLong(3, entry.message().contentBytes());
      message.setString(4, Keys.text(sender));
      message.setString(5, Keys.searchKey(sender));
      message.setBoolean(6, entry.isHeld());
      message.addBatch();
    }
    message.executeBatch();
    addRecipients(additions);
  }

  private void addRecipients(List<Addition> additions) throws SQLException {
    var insert = statements
        .prepare("""
                 insert into recipient (id, number, address, address_key, domain, destination, held, due, attempts)
                 values (?, ?, ?, ?, ?, ?, ?, ?, 0)
                 """);
    for (var addition : additions) {
      var envelope = addition.entry().message().envelope();
      boolean held = addition.entry().isHeld();
      for (var route : addition.destinations().entrySet()) {
        var address = envelope.recipient(route.getKey()).address();
        var destination = route.getValue().name();
        insert.setString(1, addition.entry().message().id().value());
        insert.setInt(2, route.getKey().value());
        insert.setString(3, Keys.text(address.toString()));
        insert.setString(4, Keys.searchKey(address.toString()));
        insert.setString(5, Keys.of(address.host()));
        insert.setString(6, destination);
        insert.setBoolean(7, held);
        insert.setLong(8, Times.millis(addition.due()));
        insert.addBatch();
        deltas.merge(destination, held ? 0L : 1L, Long::sum);
      }
    }
    insert.executeBatch();
  }

  private void defer(List<Deferral> deferrals) throws SQLException {
    var update = statements
        .prepare("update recipient set due = ?, attempts = ?, last_reply = ? where id = ? and number = ?");
    for (var deferral : deferrals) {
      update.setLong(1, Times.millis(deferral.due()));
      update.setInt(2, deferral.attempts());
      update.setString(3, Keys.text(deferral.lastReply()));
      update.setString(4, deferral.id().value());
      update.setInt(5, deferral.recipient().value());
      update.addBatch();
    }
    if (!deferrals.isEmpty()) {
      update.executeBatch();
    }
  }

  private void finish(List<Finish> finishes) throws SQLException {
    var select = statements.prepare("select destination from recipient where id = ? and number = ? and held = false");
    var delete = statements.prepare("delete from recipient where id = ? and number = ?");
    for (var finish : finishes) {
      for (var statement : List.of(select, delete)) {
        statement.setString(1, finish.id().value());
        statement.setInt(2, finish.recipient().value());
      }
      H2QueueIndex.list(select, row -> row.getString(1)).forEach(gone -> deltas.merge(gone, -1L, Long::sum));
      delete.executeUpdate();
    }
  }

  private void remove(QueueId id) throws SQLException {
    var message = statements.prepare("delete from message where id = ?");
    message.setString(1, id.value());
    if (message.executeUpdate() == 0) {
      return;
    }
    var count = statements
        .prepare("select destination, count(*) from recipient where id = ? and held = false group by destination");
    count.setString(1, id.value());
    for (var waiting : H2QueueIndex.list(count, row -> Map.entry(row.getString(1), row.getLong(2)))) {
      deltas.merge(waiting.getKey(), -waiting.getValue(), Long::sum);
    }
    var recipients = statements.prepare("delete from recipient where id = ?");
    recipients.setString(1, id.value());
    recipients.executeUpdate();
  }

  private void writeCounts() throws SQLException {
    for (var delta : deltas.entrySet()) {
      if (delta.getValue() != 0 && update("update destination set waiting = waiting + ? where name = ?", delta) == 0) {
        update("insert into destination (waiting, name) values (?, ?)", delta);
      }
      if (delta.getValue() < 0) {
        var delete = statements.prepare("delete from destination where name = ? and waiting <= 0");
        delete.setString(1, delta.getKey());
        delete.executeUpdate();
      }
    }
  }

  private int update(String sql, Map.Entry<String, Long> delta) throws SQLException {
    var statement = statements.prepare(sql);
    statement.setLong(1, delta.getValue());
    statement.setString(2, delta.getKey());
    return statement.executeUpdate();
  }
}
