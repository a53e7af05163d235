package org.posthorn.queue.h2;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.posthorn.queue.h2.H2Lane.Statements;
import org.posthorn.queue.h2.SchemaSteps.Index;

/**
 * Whether what the database holds several times over is the same everywhere: the rows of each table and of each index on it,
 * what is on hold, the priorities, and the counts. After a power cut H2 may open a file of which some pages are older than others. Takes time
 * with all that is queued: some 20 s for a million recipients.
 */
final class CrossCheck {
  private static final String NO_INDEX = "";
  private static final String RECIPIENT = "recipient";
  /** Recipients on hold of messages that are not. */
  private static final String NOT_HELD = """
                                         select count(*) from recipient r where r.held
                                           and not exists (select 1 from message m where m.id = r.id and m.held)
                                         """;
  /** The opposite. */
  private static final String NOT_FREE = """
                                         select count(*) from message m where m.held
                                           and exists (select 1 from recipient r where r.id = m.id and not r.held)
                                         """;
  private static final String COUNTED = """
                                        select domain, destination, sum(case when held then 0 else 1 end),
                                          sum(case when held then 1 else 0 end)
                                        from recipient group by domain, destination
                                        """;
  private static final String UNLISTED = """
                                         select count(*) from
                                           (select distinct priority from recipient use index (recipient_by_due))
                                           where priority <> 0 and priority not in (select priority from urgency)
                                         """;
  private static final String KEPT = "select name, destination, waiting, held from domain where waiting <> 0 or held <> 0";
  private static final String DIFFERENT_COUNTS = "select count(*) from ((%1$s except %2$s) union all (%2$s except %1$s))"
      .formatted(COUNTED, KEPT);

  private final Statements statements;

  CrossCheck(Statements statements) {
    this.statements = statements;
  }

  /** Returns what does not agree of messages, and of all that is kept of them but their recipients. */
  Optional<String> objectionToMessages() throws SQLException {
    var tables = new SchemaSteps().indexes().stream().map(Index::table).distinct().toList();
    for (var table : tables) {
      var different = table.equals(RECIPIENT) ? Optional.<String>empty() : objectionToIndexesOf(table);
      if (different.isPresent()) {
        return different;
      }
    }
    return number(NOT_HELD) + number(NOT_FREE) == 0
        ? Optional.empty()
        : Optional.of("recipients are not on hold as their messages are");
  }

  /** Returns what does not agree of recipients, their priorities and their number. */
  Optional<String> objectionToRecipients() throws SQLException {
    var different = objectionToIndexesOf(RECIPIENT);
    if (different.isPresent()) {
      return different;
    }
    if (number(UNLISTED) != 0) {
      return Optional.of("recipients have a priority that is not listed");
    }
    return number(DIFFERENT_COUNTS) == 0 ? Optional.empty() : Optional.of("the counts are wrong");
  }

  private Optional<String> objectionToIndexesOf(String table) throws SQLException {
    var indexes = new SchemaSteps().indexes().stream().filter(index -> index.table().equals(table)).toList();
    var digests = digests(indexes, NO_INDEX);
    for (int i = 0; i < indexes.size(); i++) {
      if (!digests(List.of(indexes.get(i)), indexes.get(i).name()).equals(List.of(digests.get(i)))) {
        return Optional.of(indexes.get(i).name() + " is not what its table is");
      }
    }
    return Optional.empty();
  }

  private List<String> digests(List<Index> indexes, String by) throws SQLException {
    return H2QueueIndex.list(statements.prepare(digestSql(indexes, by)), row -> {
      var digests = new ArrayList<String>();
      for (int i = 1; i <= indexes.size(); i++) {
        digests.add(row.getString(i));
      }
      return digests;
    }).getFirst();
  }

  /**
   * Returns what counts the rows of a table and adds up the hashes of what each of {@code indexes} holds of them, reading by one
   * index or by none, in whatever order they come.
   */
  static String digestSql(List<Index> indexes, String by) {
    return indexes.stream()
        .map(index -> "count(*) || ' ' || coalesce(sum(ora_hash(%s)), 0)".formatted(
            String.join(" || '/' || ", index.columns())))
        .collect(
            Collectors.joining(", ", "select ", " from %s use index (%s)".formatted(indexes.getFirst().table(), by)));
  }

  private long number(String sql) throws SQLException {
    return H2QueueIndex.list(statements.prepare(sql), row -> row.getLong(1)).getFirst();
  }
}
