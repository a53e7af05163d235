package org.posthorn.queue.h2;

import java.sql.SQLException;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.posthorn.queue.h2.H2Lane.Statements;

/** By how much a transaction changes the counts of who waits, to be written at its end. Used by one thread. */
final class Tally {
  /** A host part and where its mail goes. */
  private record Place(String domain, String destination) implements Comparable<Place> {
    private static final Comparator<Place> ORDER = Comparator.comparing(Place::domain)
        .thenComparing(Place::destination);

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  private record Delta(long waiting, long held) {
    Delta plus(Delta other) {
      return new Delta(waiting + other.waiting, held + other.held);
    }
  }

  /** Sorted, so that two writers would lock rows in one order. */
  private final Map<Place, Delta> deltas = new TreeMap<>();

  /** Counts {@code recipients} more, or fewer, at a place. */
  void add(String domain, String destination, boolean held, long recipients) {
    deltas.merge(new Place(domain, destination), new Delta(held ? 0 : recipients, held ? recipients : 0), Delta::plus);
  }

  /** Writes the counts. */
  void write(Statements statements) throws SQLException {
    for (var entry : deltas.entrySet()) {
      write(statements, entry.getKey(), entry.getValue());
    }
    deltas.clear();
  }

  private static void write(Statements statements, Place place, Delta delta) throws SQLException {
    if (delta.waiting() == 0 && delta.held() == 0) {
      return;
    }
    int updated = execute(statements,
        "update domain set waiting = waiting + ?, held = held + ? where name = ? and destination = ?", place, delta);
    if (updated == 0) {
      execute(statements, "insert into domain (waiting, held, name, destination) values (?, ?, ?, ?)", place, delta);
    }
    if (delta.waiting() < 0 || delta.held() < 0) {
      var delete = statements
          .prepare("delete from domain where name = ? and destination = ? and waiting <= 0 and held <= 0");
      delete.setString(1, place.domain());
      delete.setString(2, place.destination());
      delete.executeUpdate();
    }
  }

  private static int execute(Statements statements, String sql, Place place, Delta delta) throws SQLException {
    var statement = statements.prepare(sql);
    statement.setLong(1, delta.waiting());
    statement.setLong(2, delta.held());
    statement.setString(3, place.domain());
    statement.setString(4, place.destination());
    return statement.executeUpdate();
  }
}
