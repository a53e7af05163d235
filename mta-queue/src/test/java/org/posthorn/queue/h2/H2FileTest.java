package org.posthorn.queue.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.posthorn.queue.Messages.addition;
import static org.posthorn.queue.Messages.envelope;
import static org.posthorn.queue.Messages.id;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.Destination;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.StoreException;

class H2FileTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123Z");

  @TempDir
  Path directory;

  @Test
  void keepsWhatItKnowsAndSaysWhenItIsNew() {
    try (var index = H2QueueIndex.open(directory)) {
      assertThat(index.emptyBecause()).contains("there was none");
      add(index, 1);
    }
    try (var index = H2QueueIndex.open(directory)) {
      assertThat(index.emptyBecause()).isEmpty();
      assertThat(ids(index)).containsExactly(id(1));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4_096, 8_192, 10_000})
  void startsAnewWhenTheFileIsCutShort(long length) throws IOException {
    try (var index = H2QueueIndex.open(directory)) {
      add(index, 1);
    }
    try (var file = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      file.truncate(length);
    }
    try (var index = H2QueueIndex.open(directory)) {
      assertThat(index.emptyBecause()).isPresent();
      assertThat(ids(index)).isEmpty();
      add(index, 2);
      assertThat(ids(index)).containsExactly(id(2));
    }
    assertThat(directory.resolve("index.mv.db.bad-1")).exists();
  }

  @Test
  void startsAnewWhenTheFileIsNoDatabase() throws IOException {
    for (int i = 1; i <= 6; i++) {
      Files.writeString(file(), "no database ".repeat(1_000));
      try (var index = H2QueueIndex.open(directory)) {
        assertThat(index.emptyBecause()).hasValueSatisfying(why -> assertThat(why).contains("could not be read"));
      }
    }
    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("index.mv.db",
          "index.mv.db.bad-4", "index.mv.db.bad-5", "index.mv.db.bad-6");
    }
  }

  @Test
  void startsAnewWhenTheSchemaIsOfALaterVersion() throws SQLException {
    create();
    sql("insert into schema_step (number, checksum) values (99, 'later')");

    try (var index = H2QueueIndex.open(directory)) {
      assertThat(index.emptyBecause()).hasValueSatisfying(why -> assertThat(why).contains("later version"));
    }
  }

  @Test
  void startsAnewWhenTheSchemaIsAnotherOne() throws SQLException {
    create();
    sql("update schema_step set checksum = 'other'");

    try (var index = H2QueueIndex.open(directory)) {
      assertThat(index.emptyBecause()).hasValueSatisfying(why -> assertThat(why).contains("another one"));
    }
  }

  @Test
  void startsAnewWhenTablesAreThereWithoutTheirSteps() throws SQLException {
    create();
    sql("drop table schema_step");

    try (var index = H2QueueIndex.open(directory)) {
      assertThat(index.emptyBecause()).isPresent();
      add(index, 1);
    }
  }

  @Test
  void startsAnewWhenItWasNotFilledToTheEnd() {
    try (var index = H2QueueIndex.open(directory)) {
      assertThatThrownBy(() -> index.fill(sink -> {
        sink.accept(List.of(addition(id(1), NOW, NOW, envelope("s@s.example", "x@a.example"))));
        throw new IllegalStateException("the power fails");
      })).hasMessage("the power fails");
    }

    try (var index = H2QueueIndex.open(directory)) {
      assertThat(index.emptyBecause()).hasValueSatisfying(why -> assertThat(why).contains("not filled to the end"));
      assertThat(ids(index)).isEmpty();
      add(index, 2);
    }
  }

  @Test
  void leavesADatabaseAloneThatIsInUse() throws IOException {
    create();
    try (var file = FileChannel.open(file(), StandardOpenOption.WRITE); var lock = file.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertThatThrownBy(() -> H2QueueIndex.open(directory)).isInstanceOf(StoreException.class)
          .hasMessageContaining("another process");
    }
    try (var index = H2QueueIndex.open(directory)) {
      assertThat(ids(index)).containsExactly(id(1));
    }
  }

  @Test
  void changesNothingWhenABatchFails() {
    try (var index = H2QueueIndex.open(directory)) {
      add(index, 1);
      var tooLong = addition(id(3), NOW, NOW, envelope("s@s.example", "x@a.example"));
      var destinations = new HashMap<>(tooLong.destinations());
      destinations.replaceAll((_, _) -> new Destination("x".repeat(5_000)));
      var bad = new QueueIndex.Addition(tooLong.entry(), destinations, NOW);

      assertThatThrownBy(() -> index.apply(new Changes(List.of(addition(id(2), NOW, NOW,
          envelope("s@s.example", "x@a.example")), bad), List.of(), List.of(), List.of(id(1)))))
          .isInstanceOf(StoreException.class);

      assertThat(ids(index)).containsExactly(id(1));
      add(index, 4);
      assertThat(index.due(new Destination("a.example"), NOW, 10, Set.of())).hasSize(2);
    }
  }

  @Test
  void refusesAPathThatTheDatabaseWouldMisread() {
    assertThatThrownBy(() -> H2QueueIndex.open(directory.resolve("a;b"))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysThatItIsClosed() {
    var index = H2QueueIndex.open(directory);
    index.close();

    assertThatThrownBy(() -> add(index, 1)).isInstanceOf(StoreException.class).hasMessageContaining("closed");
  }

  private void create() {
    try (var index = H2QueueIndex.open(directory)) {
      add(index, 1);
    }
  }

  private void sql(String sql) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:h2:file:" + directory.resolve("index"), "posthorn", "");
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void add(QueueIndex index, int number) {
    var added = addition(id(number), Instant.EPOCH, Instant.EPOCH, envelope("s@s.example", "x@a.example"));
    index.apply(new Changes(List.of(added), List.of(), List.of(), List.of()));
  }

  private static List<QueueId> ids(QueueIndex index) {
    var ids = new ArrayList<QueueId>();
    index.forEachId(ids::add);
    return ids;
  }

  private Path file() {
    return directory.resolve("index.mv.db");
  }
}
