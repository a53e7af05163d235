package org.posthorn.queue.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.Reconciliation.LastEnd;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.queue.spool.SpoolSettings;

/** Where people have other digits than 0 to 9 Java has them too; what is on the disk, and SQL, must not. */
class ForeignDigitsTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private final Locale before = Locale.getDefault();

  @TempDir
  Path directory;

  @BeforeEach
  void goToEgypt() {
    Locale.setDefault(Locale.of("ar", "EG"));
    assertThat("%d".formatted(7)).isEqualTo("٧");
  }

  @AfterEach
  void comeBack() {
    Locale.setDefault(before);
  }

  @Test
  void aCrashLosesNothing() throws IOException {
    var afterwards = directory.resolve("afterwards");
    QueueId id;
    try (var storage = open(Files.createDirectory(directory.resolve("data")))) {
      try (var draft = storage.spool().draft(Messages.envelope("s@s.example", "x@a.example"), NOW)) {
        id = draft.commit().id();
      }
      copyJournal(directory.resolve("data"), afterwards);
    }

    try (var storage = open(afterwards)) {
      var found = new ArrayList<QueueId>();
      storage.spool().forEachId(found::add);
      assertThat(found).containsExactly(id);
    }
  }

  @Test
  void aCleanEndIsKnown() {
    startAndEnd();

    assertThat(startAndEnd()).isEqualTo(LastEnd.CLEAN);
  }

  private LastEnd startAndEnd() {
    try (var storage = open(directory)) {
      var stores = storage.reconcile(to -> new Destination(to.host().toString()), InstantSource.fixed(NOW));
      assertThat(stores.index().waiting()).isEmpty(); // and has no objection to the question
      return storage.lastEnd();
    }
  }

  private static void copyJournal(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("journal"));
    try (var segments = Files.newDirectoryStream(from.resolve("journal"), Files::isRegularFile)) {
      for (var segment : segments) {
        Files.copy(segment, to.resolve("journal").resolve(segment.getFileName()));
      }
    }
  }

  private static QueueStorage open(Path data) {
    return QueueStorage.open(data, new LocalDisk(), SpoolSettings.DEFAULT,
        new QueueIdSource(InstantSource.fixed(NOW), new Random(1)));
  }
}
