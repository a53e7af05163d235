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

/** The lengths of the entries that messages agree with, as far as these have the recipients that they had then, and no others. */
final class WholeLengths {
  /** Higher than any id. */
  private static final String END = "~";

  /**
   * Some messages, in order.
   *
   * @param last where the next page begins; empty when there is none
   */
  record Page(Map<QueueId, Long> lengths, Optional<String> last) {}

  private record Row(String id, long entryBytes, long recipients) {}

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
    var rows = H2QueueIndex.list(select, row -> new Row(row.getString(1), row.getLong(2), row.getLong(3)));
    var next = rows.size() < limit ? Optional.<String>empty() : Optional.of(rows.getLast().id());
    return new Page(lengths(rows, digests(last, next.orElse(END))), next);
  }

  /** Returns which recipients there are of each message behind {@code last}, up to {@code next}. */
  private Map<String, Long> digests(String last, String next) throws SQLException {
    var select = statements
        .prepare("select id, " + RecipientDigest.SQL + " from recipient where id > ? and id <= ? group by id");
    select.setString(1, last);
    select.setString(2, next);
    var digests = new HashMap<String, Long>();
    H2QueueIndex.list(select, row -> Map.entry(row.getString(1), row.getLong(2)))
        .forEach(group -> digests.put(group.getKey(), group.getValue()));
    return digests;
  }

  private static Map<QueueId, Long> lengths(List<Row> rows, Map<String, Long> digests) {
    var lengths = new LinkedHashMap<QueueId, Long>();
    for (var row : rows) {
      long digest = Optional.ofNullable(digests.remove(row.id())).orElse(0L);
      lengths.put(new QueueId(row.id()), digest == row.recipients() ? row.entryBytes() : 0);
    }
    if (!digests.isEmpty()) {
      throw new StoreException("recipients of a message that is not there");
    }
    return lengths;
  }
}
