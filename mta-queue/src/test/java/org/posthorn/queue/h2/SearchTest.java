package org.posthorn.queue.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.queue.QueueFilter;

class SearchTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @TempDir
  private Path directory;

  static Stream<QueueFilter> filters() {
    return Stream.of(filter("sender"), filter("recipient"), filter("domain"), filter("queuedBefore"), filter("held"),
        filter("scheduledAfter"), QueueFilter.ALL);
  }

  private static QueueFilter filter(String by) {
    return new QueueFilter(List.of(), text(by, "sender"), text(by, "recipient"), text(by, "domain"),
        Optional.of(NOW).filter(_ -> by.equals("queuedBefore")), Optional.of(true).filter(_ -> by.equals("held")),
        Optional.of(NOW).filter(_ -> by.equals("scheduledAfter")));
  }

  private static Optional<String> text(String by, String name) {
    return Optional.of("x@a.example").filter(_ -> by.equals(name));
  }

  /** With a million messages in the queue, what is sorted for each page is sorted ten thousand times. */
  @ParameterizedTest
  @MethodSource("filters")
  void noPageIsSorted(QueueFilter filter) throws SQLException {
    var source = Search.source(filter);
    try (var _ = H2QueueIndex.open(directory);
        var connection = new H2File(directory).connect();
        var explain = connection.prepareStatement("explain " + source.sql())) {
      int at = 1;
      for (var value : source.values()) {
        explain.setObject(at++, value);
      }
      explain.setString(at++, "0000000000000000");
      explain.setInt(at, 100);
      try (var plan = explain.executeQuery()) {
        assertThat(plan.next()).isTrue();
        assertThat(plan.getString(1)).contains("index sorted");
      }
    }
  }
}
