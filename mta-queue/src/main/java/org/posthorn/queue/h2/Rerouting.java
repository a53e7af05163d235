package org.posthorn.queue.h2;

import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import org.posthorn.queue.Destination;
import org.posthorn.queue.h2.H2Lane.Statements;
import org.posthorn.smtp.MailHost;

/** Moves what waits to the destinations of other routes, domain by domain. */
final class Rerouting {
  private final Statements statements;

  Rerouting(Statements statements) {
    this.statements = statements;
  }

  void apply(Function<MailHost, Destination> routes) throws SQLException {
    var move = statements.prepare("update recipient set destination = ? where domain = ? and destination <> ?");
    int moved = 0;
    for (var domain = domainBehind(""); domain.isPresent(); domain = domainBehind(domain.get())) {
      var destination = routes.apply(Keys.host(domain.get())).name();
      move.setString(1, destination);
      move.setString(2, domain.get());
      move.setString(3, destination);
      moved += move.executeUpdate();
    }
    if (moved > 0) {
      statements.prepare("delete from destination").executeUpdate();
      statements.prepare("""
                         insert into destination (name, waiting)
                         select destination, count(*) from recipient where held = false group by destination
                         """).executeUpdate();
    }
  }

  /** Returns the next domain in the order of their names: a step in the index, however many recipients are there. */
  private Optional<String> domainBehind(String last) throws SQLException {
    var select = statements.prepare(
        "select domain from recipient where domain > ? order by domain, id fetch first 1 rows only");
    select.setString(1, last);
    return H2QueueIndex.list(select, row -> row.getString(1)).stream().findFirst();
  }
}
