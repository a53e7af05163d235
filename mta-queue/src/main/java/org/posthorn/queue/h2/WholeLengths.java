package org.posthorn.queue.h2;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.StoreException;
import org.posthorn.queue.h2.H2Lane.Statements;

/** The lengths of the entries that messages agree with, as far as these have all recipients that they had then. */
final class WholeLengths {
  /** Higher than any id. */
  private static final String END = "~";

  /**
   * Some messages, in order.
   *
   * @param last where the next page begins; empty when there is none
   */
  record Page(Map<QueueId, Long> lengths, Optional<String> last) {}

  private record Row(String id, long entryBytes, int recipients) {}

  private final Statements statements;

  WholeLengths(Statements statements) {
    this.statements = statements;
  }

  /** Returns at most {@code limit} messages behind {@code last}. */
  Page behind(String last, int limit) throws SQLException {
    var select = statements.prepare(
        "select id, entry_bytes, recipients from message where id > ? order by id fetch first ? rows only");
    select.setString(1, last);
    select.setInt(2, limit);
    var rows = H2QueueIndex.list(select, row -> new Row(row.getString(1), row.getLong(2), row.getInt(3)));
    var next = rows.size() < limit ? Optional.<String>empty() : Optional.of(rows.getLast().id());
    return new Page(lengths(rows, counts(last, next.orElse(END))), next);
  }

  /** Returns how many recipients there are of each message behind {@code last}, up to {@code next}. */
  private Map<String, Integer> counts(String last, String next) throws SQLException {
    var count = statements.prepare("select id, count(*) from recipient where id > ? and id <= ? group by id");
    count.setString(1, last);
    count.setString(2, next);
    var counts = new HashMap<String, Integer>();
    H2QueueIndex.list(count, row -> Map.entry(row.getString(1), row.getInt(2)))
        .forEach(group -> counts.put(group.getKey(), group.getValue()));
    return counts;
  }

  private static Map<QueueId, Long> lengths(List<Row> rows, Map<String, Integer> counts) {
    var lengths = new LinkedHashMap<QueueId, Long>();
    for (var row : rows) {
      int count = Optional.ofNullable(counts.remove(row.id())).orElse(0);
      lengths.put(new QueueId(row.id()), count == row.recipients() ? row.entryBytes() : 0);
    }
    if (!counts.isEmpty()) {
      throw new StoreException("recipients of a message that is not there");
    }
    return lengths;
  }
}
