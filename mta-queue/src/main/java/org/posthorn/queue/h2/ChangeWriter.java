package org.posthorn.queue.h2;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.h2.H2Lane.Statements;

/** Writes one batch of changes, and keeps count of how many recipients wait. */
final class ChangeWriter {
  /** Recipients counted by where they are. */
  private record Group(String domain, String destination, boolean held, long recipients) {
    static Group of(ResultSet row) throws SQLException {
      return new Group(row.getString(1), row.getString(2), row.getBoolean(3), row.getLong(4));
    }
  }

  private final Statements statements;
  private final Tally tally = new Tally();

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
    tally.write(statements);
  }

  void setHeld(List<QueueId> ids, boolean held) throws SQLException {
    var count = statements.prepare("""
                                   select domain, destination, held, count(*) from recipient where id = ? and held <> ?
                                   group by domain, destination, held
                                   """);
    var message = statements.prepare("update message set held = ? where id = ?");
    var recipients = statements.prepare("update recipient set held = ? where id = ?");
    for (var id : new HashSet<>(ids)) {
      count.setString(1, id.value());
      count.setBoolean(2, held);
      for (var group : H2QueueIndex.list(count, Group::of)) {
        tally.add(group.domain(), group.destination(), !held, -group.recipients());
        tally.add(group.domain(), group.destination(), held, group.recipients());
      }
      for (var update : List.of(message, recipients)) {
        update.setBoolean(1, held);
        update.setString(2, id.value());
        update.executeUpdate();
      }
    }
    tally.write(statements);
  }

  private void add(List<Addition> additions) throws SQLException {
    for (var addition : additions) {
      remove(addition.entry().message().id()); // what is known already is replaced
    }
    new RowWriter(statements, tally).write(additions);
  }

  private void defer(List<Deferral> deferrals) throws SQLException {
    var update = statements
        .prepare("""
                 update recipient set due = ?, attempts = ?, last_reply = ?, told = greatest(told, ?)
                 where id = ? and number = ?
                 """);
    for (var deferral : deferrals) {
      update.setLong(1, Times.millis(deferral.due()));
      update.setInt(2, deferral.attempts());
      update.setString(3, Keys.text(deferral.lastReply()));
      update.setInt(4, Keys.of(deferral.told()));
      update.setString(5, deferral.id().value());
      update.setInt(6, deferral.recipient().value());
      update.addBatch();
    }
    if (!deferrals.isEmpty()) {
      update.executeBatch();
    }
  }

  private void finish(List<Finish> finishes) throws SQLException {
    var select = statements.prepare("select domain, destination, held, 1 from recipient where id = ? and number = ?");
    var delete = statements.prepare("delete from recipient where id = ? and number = ?");
    for (var finish : finishes) {
      for (var statement : List.of(select, delete)) {
        statement.setString(1, finish.id().value());
        statement.setInt(2, finish.recipient().value());
      }
      uncount(select);
      delete.executeUpdate();
    }
  }

  private void remove(QueueId id) throws SQLException {
    var message = statements.prepare("delete from message where id = ?");
    message.setString(1, id.value());
    if (message.executeUpdate() == 0) {
      return;
    }
    var count = statements.prepare("""
                                   select domain, destination, held, count(*) from recipient where id = ?
                                   group by domain, destination, held
                                   """);
    count.setString(1, id.value());
    uncount(count);
    for (var sql : List.of("delete from recipient where id = ?", "delete from moment where id = ?")) {
      var delete = statements.prepare(sql);
      delete.setString(1, id.value());
      delete.executeUpdate();
    }
  }

  private void uncount(PreparedStatement gone) throws SQLException {
    for (var group : H2QueueIndex.list(gone, Group::of)) {
      tally.add(group.domain(), group.destination(), group.held(), -group.recipients());
    }
  }
}
