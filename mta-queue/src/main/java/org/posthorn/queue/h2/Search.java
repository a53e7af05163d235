package org.posthorn.queue.h2;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.posthorn.queue.Destination;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Listing;
import org.posthorn.queue.RecipientNumber;

/**
 * Walks through what matches a filter, page by page: ids in order, by the index that fits the filter best, then the rows
 * of these messages. Between two pages others may use the connection.
 */
final class Search {
  private static final int IDS_A_PAGE = 100;

  /** Where ids come from: a query for those behind an id, and the values it looks for. */
  record Ids(String sql, List<Object> values) {}

  private final H2Lane lane;
  private final QueueFilter filter;
  private final String rowsSql;
  private final List<Object> conditions = new ArrayList<>();

  Search(H2Lane lane, QueueFilter filter) {
    this.lane = lane;
    this.filter = filter;
    this.rowsSql = rowsSql();
  }

  void forEach(Consumer<Listing> visitor) {
    if (!filter.ids().isEmpty()) {
      var ids = List.copyOf(new TreeSet<>(filter.ids()));
      for (int from = 0; from < ids.size(); from += IDS_A_PAGE) {
        rows(ids.subList(from, Math.min(ids.size(), from + IDS_A_PAGE))).forEach(visitor);
      }
      return;
    }
    var source = source(filter);
    var page = idsBehind(source, "");
    while (!page.isEmpty()) {
      rows(page).forEach(visitor);
      page = idsBehind(source, page.getLast().value());
    }
  }

  /** Returns where to find the ids of what {@code filter} names no ids of: by an index that has them in order, page by page. */
  static Ids source(QueueFilter filter) {
    if (filter.recipient().isPresent()) {
      return by("recipient", "address_key", filter.recipient().map(Keys::searchKey));
    }
    if (filter.sender().isPresent()) {
      return by("message", "sender_key", filter.sender().map(Keys::searchKey));
    }
    if (filter.domain().isPresent()) {
      return by("recipient", "domain", filter.domain().map(Keys::domain));
    }
    if (filter.held().isPresent()) {
      return by("message", "held", filter.held());
    }
    if (filter.scheduledAfter().isPresent()) {
      // By its ids: all that an index by time has would be sorted anew for each page.
      return new Ids(
          "select id from moment use index (moment_by_id) where release > ? and id > ? order by id fetch first ? rows only",
          List.of(Times.millis(filter.scheduledAfter().get())));
    }
    if (filter.queuedBefore().isPresent()) { // ids are in the order of time, or nearly: the wrong ones are at the end
      return new Ids("select id from message where queued_at < ? and id > ? order by id fetch first ? rows only",
          List.of(Times.millis(filter.queuedBefore().get())));
    }
    return new Ids("select id from message where id > ? order by id fetch first ? rows only", List.of());
  }

  private static Ids by(String table, String column, Optional<?> key) {
    return new Ids("select id from %s where %s = ? and id > ? order by %s, id fetch first ? rows only".formatted(table,
        column, column), key.<List<Object>>map(List::of).orElse(List.of()));
  }

  /** Returns the next ids in order; one may be there more than once, for several recipients. */
  private List<QueueId> idsBehind(Ids source, String last) {
    return lane.run("search", statements -> {
      var select = statements.prepare(source.sql());
      int at = 1;
      for (var value : source.values()) {
        select.setObject(at++, value);
      }
      select.setString(at++, last);
      select.setInt(at, IDS_A_PAGE);
      return H2QueueIndex.list(select, row -> new QueueId(row.getString(1)));
    });
  }

  /** Makes the query for the rows of one page, always of the same size, so that few statements are prepared. */
  private String rowsSql() {
    var sql = new StringBuilder(
        """
        select m.id, m.queued_at, m.content_bytes, m.sender, r.number, r.address, r.destination, m.held, r.attempts,
          r.due, r.last_reply
        from message m join recipient r on r.id = m.id
        where m.id in (?""").append(", ?".repeat(IDS_A_PAGE - 1)).append(')');
    filter.sender().ifPresent(sender -> and(sql, "m.sender_key = ?", Keys.searchKey(sender)));
    filter.recipient().ifPresent(recipient -> and(sql, "r.address_key = ?", Keys.searchKey(recipient)));
    filter.domain().ifPresent(domain -> and(sql, "r.domain = ?", Keys.domain(domain)));
    filter.queuedBefore().ifPresent(before -> and(sql, "m.queued_at < ?", Times.millis(before)));
    filter.held().ifPresent(held -> and(sql, "m.held = ?", held));
    filter.scheduledAfter()
        .ifPresent(after -> and(sql, "r.attempts = 0 and r.last_reply is null and r.due > ?", Times.millis(after)));
    return sql.append(" order by m.id, r.number").toString();
  }

  private void and(StringBuilder sql, String condition, Object value) {
    sql.append(" and ").append(condition);
    conditions.add(value);
  }

  private List<Listing> rows(List<QueueId> ids) {
    return lane.run("search", statements -> {
      var select = statements.prepare(rowsSql);
      fill(select, ids);
      return H2QueueIndex.list(select, Search::listing);
    });
  }

  private void fill(PreparedStatement select, List<QueueId> ids) throws SQLException {
    for (int i = 0; i < IDS_A_PAGE; i++) {
      select.setString(i + 1, ids.get(Math.min(i, ids.size() - 1)).value());
    }
    for (int i = 0; i < conditions.size(); i++) {
      select.setObject(IDS_A_PAGE + 1 + i, conditions.get(i));
    }
  }

  private static Listing listing(ResultSet row) throws SQLException {
    return new Listing(new QueueId(row.getString(1)), Instant.ofEpochMilli(row.getLong(2)), row.getLong(3),
        row.getString(4), new RecipientNumber(row.getInt(5)), row.getString(6), new Destination(row.getString(7)),
        row.getBoolean(8), row.getInt(9), Instant.ofEpochMilli(row.getLong(10)),
        Optional.ofNullable(row.getString(11)));
  }
}
