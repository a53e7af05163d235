package org.posthorn.queue.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.posthorn.queue.Messages.envelope;
import static org.posthorn.queue.Messages.id;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Addition;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.SpoolEvent;
import org.posthorn.queue.StoreException;
import org.posthorn.smtp.Priority;

class CrossCheckTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @TempDir
  Path directory;

  @Test
  void findsNothingWrongWithWhatIsInOrder() {
    try (var index = filled()) {
      index.setHeld(List.of(id(2)), true);

      assertThatCode(() -> check(index)).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
                                          update domain set waiting = waiting + 1                    | counts are wrong
                                          delete from domain where name = 'a.example'                | counts are wrong
                                          update recipient set held = true where number = 0          | not on hold as their messages
                                          delete from message where held = false                     | message that is not there
                                          update message set held = false                            | not on hold as their messages
                                          delete from urgency                                        | priority that is not listed
                                          """)
  void findsWhatDoesNotAgree(String damage, String complaint) throws SQLException {
    try (var index = filled()) {
      try (var connection = new H2File(directory).connect()) {
        execute(connection, damage);
      }

      assertThatThrownBy(() -> check(index)).isInstanceOf(StoreException.class).hasMessageContaining(complaint);
    }
  }

  /** As when of two pages with recipients of one message a power cut keeps the older of one and the newer of the other. */
  @Test
  void findsOtherRecipientsAlthoughTheyAreAsManyAsBefore() throws SQLException {
    try (var index = H2QueueIndex.open(directory)) {
      for (int n = 1; n <= 3; n++) {
        var three = Messages.addition(id(n), NOW, NOW,
            envelope("s@s.example", "w@a.example", "x@a.example", "y@a.example"));
        index.apply(new Changes(List.of(new Addition(three.entry(), three.destinations(), NOW, 700)), List.of(),
            List.of(new Finish(id(n), new RecipientNumber(2))), List.of()));
      }
      index.confirm(Map.of(id(1), 800L, id(2), 800L));
      try (var connection = new H2File(directory).connect()) {
        execute(connection, "update recipient set number = 2 where number = 1 and id = '" + id(1).value() + "'");
      }

      var lengths = new HashMap<QueueId, Long>();
      index.forEachWholeLength(lengths::put);
      assertThat(lengths).containsOnly(Map.entry(id(1), 0L), Map.entry(id(2), 800L), Map.entry(id(3), 0L));
    }
  }

  private static void check(H2QueueIndex index) {
    index.crossChecks().forEach(Runnable::run);
    index.forEachWholeLength((_, _) -> {});
  }

  /** What would be compared with itself would always agree. */
  @Test
  void readsTheTableByItselfAndEachIndexByItself() throws SQLException {
    var indexes = new SchemaSteps().indexes();
    assertThat(indexes).hasSizeGreaterThanOrEqualTo(8);
    try (var _ = filled(); var connection = new H2File(directory).connect()) {
      for (var index : indexes) {
        assertThat(plan(connection, CrossCheck.digestSql(List.of(index), ""))).contains(".tableScan");
        assertThat(plan(connection, CrossCheck.digestSql(List.of(index), index.name())))
            .containsIgnoringCase("/* PUBLIC." + index.name());
      }
    }
  }

  private static String plan(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement(); var rows = statement.executeQuery("explain " + sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private H2QueueIndex filled() {
    var index = H2QueueIndex.open(directory);
    index.apply(new Changes(
        List.of(Messages.addition(id(1), NOW, NOW, envelope("s@s.example", "x@a.example", "y@b.example")),
            Messages.addition(id(2), NOW, NOW,
                envelope("s@s.example", "z@a.example").with(Handling.PLAIN.with(new Priority(3)))),
            Messages.addition(id(3), NOW, NOW, envelope("s@s.example", "z@c.example"), new SpoolEvent.Held(NOW))),
        List.of(), List.of(), List.of()));
    return index;
  }
}
