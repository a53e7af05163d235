package org.posthorn.queue.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIdSource;

class SpoolWalkTest {
  private static final int ENTRIES = 3_000;

  @TempDir
  private Path directory;

  private final AtomicInteger inMemory = new AtomicInteger();
  private int mostInMemory;

  @Test
  void showsEachEntryThatIsWantedOnce() throws IOException {
    var ids = fill();
    var unwanted = ids.iterator().next();
    var shown = new HashSet<QueueId>();

    walk(1, id -> !id.equals(unwanted), id -> assertThat(shown.add(id)).isTrue());

    ids.remove(unwanted);
    assertThat(shown).isEqualTo(ids);
  }

  /** A message may have a thousand recipients, and those of thousands of messages do not fit into a small heap. */
  @ParameterizedTest
  @CsvSource({"1, 3000", "100, 450", "1000, 450"})
  void theHeavierTheResultsTheFewerAreInMemory(int weight, int most) throws IOException {
    fill();
    walk(weight, _ -> true, _ -> {});
    assertThat(mostInMemory).isLessThanOrEqualTo(most);
  }

  private interface Wanted {
    boolean test(QueueId id);
  }

  private interface Visitor {
    void accept(QueueId id);
  }

  private void walk(int weight, Wanted wanted, Visitor visitor) {
    try (var threads = new PlatformThreads("walk", 4)) {
      new SpoolWalk(new SpoolLayout(new LocalDisk(), directory), new LocalDisk(), threads).forEach(wanted::test, id -> {
        inMemory.incrementAndGet();
        return id;
      }, _ -> weight, id -> {
        mostInMemory = Math.max(mostInMemory, inMemory.getAndDecrement());
        visitor.accept(id);
      });
    }
    assertThat(inMemory).hasValue(0);
  }

  private Set<QueueId> fill() throws IOException {
    new SpoolLayout(new LocalDisk(), directory).create();
    var source = new QueueIdSource(InstantSource.fixed(Instant.parse("2026-11-22T10:00:00Z")), new Random(1));
    var ids = new HashSet<QueueId>();
    while (ids.size() < ENTRIES) {
      var id = source.next();
      Files.createFile(directory.resolve("00").resolve(id.value() + ".msg"));
      ids.add(id);
    }
    return ids;
  }
}
