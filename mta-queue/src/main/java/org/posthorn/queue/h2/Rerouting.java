package org.posthorn.queue.h2;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.posthorn.queue.Destination;
import org.posthorn.queue.h2.H2Lane.Statements;
import org.posthorn.smtp.MailHost;

/** Moves what waits to the destinations of other routes, domain by domain, a bounded number of messages at a time. */
final class Rerouting {
  private static final int A_PAGE = 1_000;

  private record Place(String domain, String destination) {}

  /** Mail for {@code domain} that has to leave {@code from}, behind the message {@code last}. */
  private record Move(String domain, String from, String to, String last) {}

  private final H2Lane lane;

  Rerouting(H2Lane lane) {
    this.lane = lane;
  }

  void apply(Function<MailHost, Destination> routes) {
    for (var page = domainsBehind(""); !page.isEmpty(); page = domainsBehind(page.lastKey())) {
      page.forEach((domain, destinations) -> {
        var to = routes.apply(Keys.host(domain)).name();
        destinations.stream()
            .filter(from -> !from.equals(to))
            .forEach(from -> moveAll(new Move(domain, from, to, "")));
      });
    }
  }

  /** Returns the next domains, each with all destinations where its mail waits: more than one after an unfinished move. */
  private SortedMap<String, List<String>> domainsBehind(String last) {
    var places = lane.run("read the routes", statements -> {
      var select = statements.prepare(
          "select name, destination from domain where name > ? order by name, destination fetch first ? rows only");
      select.setString(1, last);
      select.setInt(2, A_PAGE);
      return H2QueueIndex.list(select, row -> new Place(row.getString(1), row.getString(2)));
    });
    var domains = new TreeMap<String, List<String>>();
    places.forEach(place -> domains.computeIfAbsent(place.domain(), _ -> new ArrayList<>()).add(place.destination()));
    if (places.size() == A_PAGE && domains.size() > 1) {
      domains.pollLastEntry(); // the next page may have more of it
    }
    return domains;
  }

  private void moveAll(Move all) {
    var next = Optional.of(all);
    while (next.isPresent()) {
      next = moveSome(next.get());
    }
  }

  /** Moves some in one transaction, and returns what is left to be moved. */
  private Optional<Move> moveSome(Move move) {
    return lane.run("reroute", statements -> {
      var page = idsBehind(statements, move);
      if (page.isEmpty()) {
        return Optional.empty();
      }
      var last = page.getLast();
      count(statements, move, last);
      var update = statements.prepare(
          "update recipient set destination = ? where domain = ? and destination = ? and id > ? and id <= ?");
      update.setString(1, move.to());
      fill(update, 2, move, last);
      update.executeUpdate();
      return Optional.of(new Move(move.domain(), move.from(), move.to(), last));
    });
  }

  /** Returns ids in order: a step in the index for each, however many recipients there are. */
  private static List<String> idsBehind(Statements statements, Move move) throws SQLException {
    var select = statements.prepare(
        "select id from recipient where domain = ? and id > ? order by domain, id fetch first ? rows only");
    select.setString(1, move.domain());
    select.setString(2, move.last());
    select.setInt(3, A_PAGE);
    return H2QueueIndex.list(select, row -> row.getString(1));
  }

  private static void count(Statements statements, Move move, String last) throws SQLException {
    var select = statements.prepare("""
                                    select held, count(*) from recipient
                                    where domain = ? and destination = ? and id > ? and id <= ? group by held
                                    """);
    fill(select, 1, move, last);
    var tally = new Tally();
    for (var group : H2QueueIndex.list(select, row -> Map.entry(row.getBoolean(1), row.getLong(2)))) {
      tally.add(move.domain(), move.from(), group.getKey(), -group.getValue());
      tally.add(move.domain(), move.to(), group.getKey(), group.getValue());
    }
    tally.write(statements);
  }

  private static void fill(PreparedStatement statement, int at, Move move, String last) throws SQLException {
    statement.setString(at, move.domain());
    statement.setString(at + 1, move.from());
    statement.setString(at + 2, move.last());
    statement.setString(at + 3, last);
  }
}
