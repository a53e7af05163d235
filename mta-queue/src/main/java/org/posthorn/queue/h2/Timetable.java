package org.posthorn.queue.h2;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.posthorn.queue.Destination;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Aged;
import org.posthorn.queue.QueueIndex.Deadline;
import org.posthorn.queue.QueueIndex.Row;
import org.posthorn.queue.QueueIndex.Scheduled;
import org.posthorn.queue.QueueIndex.ScheduledTotal;
import org.posthorn.queue.QueueIndex.Told;
import org.posthorn.queue.QueueIndex.Waiting;
import org.posthorn.queue.RecipientNumber;

/** Answers when something has to happen, and with what: the questions of {@link H2QueueIndex} about times. */
final class Timetable {
  private static final int MIN_EXTRA_ROWS = 50;

  private final H2Lane reading;

  /** Asks over {@code reading}. */
  Timetable(H2Lane reading) {
    this.reading = reading;
  }

  List<Row> due(Destination destination, int priority, Instant now, int limit, Set<QueueId> leased) {
    return free(limit, leased, Row::id, asked -> due(destination, priority, now, asked));
  }

  private List<Row> due(Destination destination, int priority, Instant now, int limit) {
    return reading.run("read what is due", statements -> {
      var select = statements.prepare("""
                                      select id, number, due, attempts, priority from recipient
                                      where destination = ? and held = false and priority = ? and due <= ?
                                      order by destination, held, priority, due, id, number
                                      fetch first ? rows only
                                      """);
      select.setString(1, destination.name());
      select.setInt(2, priority);
      select.setLong(3, Times.millis(now));
      select.setInt(4, limit);
      return H2QueueIndex.list(select, row -> row(row, destination));
    });
  }

  List<Aged> oldest(Destination destination, Told told, int limit, Set<QueueId> leased) {
    return free(limit, leased, aged -> aged.row().id(), asked -> oldest(destination, told, asked));
  }

  private List<Aged> oldest(Destination destination, Told told, int limit) {
    return reading.run("read what has waited long", statements -> {
      var select = statements.prepare("""
                                      select id, number, due, attempts, priority, queued_at from recipient
                                      where destination = ? and held = false and told = ?
                                      order by destination, held, told, queued_at, id, number
                                      fetch first ? rows only
                                      """);
      select.setString(1, destination.name());
      select.setInt(2, Keys.of(told));
      select.setInt(3, limit);
      return H2QueueIndex.list(select, row -> new Aged(row(row, destination), Instant.ofEpochMilli(row.getLong(6))));
    });
  }

  private static Row row(ResultSet row, Destination destination) throws SQLException {
    return new Row(new QueueId(row.getString(1)), new RecipientNumber(row.getInt(2)), destination,
        Instant.ofEpochMilli(row.getLong(3)), row.getInt(4), row.getInt(5));
  }

  /** Asks for as many rows as it takes to find {@code limit} of messages that are not leased. */
  private static <T> List<T> free(int limit, Set<QueueId> leased, Function<T, QueueId> id, IntFunction<List<T>> query) {
    int asked = limit + (leased.isEmpty() ? 0 : MIN_EXTRA_ROWS);
    while (true) {
      var rows = query.apply(asked);
      var free = rows.stream().filter(row -> !leased.contains(id.apply(row))).limit(limit).toList();
      if (free.size() == limit || rows.size() < asked) {
        return free;
      }
      asked *= 2; // at most all that is leased comes before what is wanted
    }
  }

  List<Deadline> deadlines(Deadline last, int limit) {
    return reading.run("read what has a deadline", statements -> {
      var select = statements.prepare("""
                                      select id, deadline from moment
                                      where deadline >= ? and (deadline > ? or id > ?)
                                      order by deadline, id fetch first ? rows only
                                      """);
      select.setLong(1, Times.millis(last.at()));
      select.setLong(2, Times.millis(last.at()));
      select.setString(3, last.id().value());
      select.setInt(4, limit);
      return H2QueueIndex.list(select,
          row -> new Deadline(new QueueId(row.getString(1)), Instant.ofEpochMilli(row.getLong(2))));
    });
  }

  long scheduled(Instant now) {
    return reading.run("count what is to be sent later", statements -> {
      var select = statements.prepare("select count(*) from moment where release > ?");
      select.setLong(1, Times.millis(now));
      return H2QueueIndex.list(select, row -> row.getLong(1)).getFirst();
    });
  }

  List<Scheduled> scheduledFor(String account, Instant now, int limit) {
    return reading.run("read what is to be sent later", statements -> {
      var select = statements.prepare("""
                                      select m.id, m.content_bytes from moment o join message m on m.id = o.id
                                      where o.account = ? and o.release > ? fetch first ? rows only
                                      """);
      select.setString(1, Keys.text(account));
      select.setLong(2, Times.millis(now));
      select.setInt(3, limit);
      return H2QueueIndex.list(select, row -> new Scheduled(new QueueId(row.getString(1)), row.getLong(2)));
    });
  }

  List<ScheduledTotal> scheduledByAccount(Instant now) {
    return reading.run("count what is to be sent later by account", statements -> {
      var select = statements.prepare("""
                                      select o.account, count(*), sum(m.content_bytes)
                                      from moment o join message m on m.id = o.id
                                      where o.account > '' and o.release > ? group by o.account order by o.account
                                      """);
      select.setLong(1, Times.millis(now));
      return H2QueueIndex.list(select, row -> new ScheduledTotal(row.getString(1), row.getLong(2), row.getLong(3)));
    });
  }

  /** Returns who is waited for; {@code priorities} are all that there may be. */
  List<Waiting> waiting(List<Integer> priorities) {
    String firstDue = priorities.stream()
        .map(Timetable::firstDue)
        .collect(Collectors.joining(", ", "least(", ")"));
    return reading.run("read who is waited for",
        statements -> H2QueueIndex.list(
            statements.prepare("select name, waiting, " + firstDue
                + """
                   from (select destination as name, sum(waiting) as waiting from domain
                        where waiting > 0 group by destination)
                  """),
            row -> new Waiting(new Destination(row.getString(1)), row.getLong(2),
                Instant.ofEpochMilli(row.getLong(3)))));
  }

  /** Returns when the first recipient of one priority is due at the destination {@code name}, in SQL. */
  private static String firstDue(int priority) {
    return """
           coalesce((select due from recipient where destination = name and held = false and priority = %s
             order by destination, held, priority, due, id, number fetch first 1 rows only), 9223372036854775807)
           """.formatted(Integer.toString(priority)); // not %d: SQL has ASCII digits only
  }
}
