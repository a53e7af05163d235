package org.posthorn.queue.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.queue.spool.FaultyDisk.Step;

/** {@link Disk#moveAside} on disks that fail, lose their power, or have no hard links. */
class MoveAsideTest {
  private static final Path ROOT = Path.of("/spool");
  private static final Path OLD = ROOT.resolve("00");
  private static final Path NEW = ROOT.resolve("damaged");
  private static final Path FROM = OLD.resolve("a.msg");
  private static final Path TO = NEW.resolve("a.msg");
  /** No more than these are taken to move a file. */
  private static final int STEPS = 6;

  private final MemoryDisk memory = new MemoryDisk();
  private final FaultyDisk disk = new FaultyDisk(memory);

  @BeforeEach
  void storeAFile() throws IOException {
    Stream.of(ROOT, OLD, NEW).forEach(memory::createDirectory);
    try (var file = memory.create(FROM)) {
      file.write(new byte[]{'x'}, 0, 1, 0);
      file.sync();
    }
    memory.syncDirectory(OLD);
  }

  static Stream<Arguments> failures() {
    return Stream.of(true, false)
        .flatMap(hasLinks -> IntStream.rangeClosed(1, STEPS).mapToObj(step -> Arguments.of(hasLinks, step)));
  }

  @ParameterizedTest(name = "hard links: {0}, fails at step {1}")
  @MethodSource("failures")
  void canBeTriedAgainWhereverTheDiskFailed(boolean hasLinks, int failing) throws IOException {
    var failingOnce = hasLinks ? disk : new FaultyDisk(new WithoutLinks(memory));
    failingOnce.failOnceAt(failing);
    try {
      failingOnce.moveAside(FROM, TO);
    } catch (IOException _) {
      assertThat(memory.files(ROOT)).contains(FROM);
      failingOnce.moveAside(FROM, TO);
    }
    assertThat(memory.files(ROOT)).containsExactly(TO);
  }

  @Test
  void takesNoRiskBecauseTheDiskFailed() {
    disk.failOnceAt(Step.LINK);
    assertThatThrownBy(() -> disk.moveAside(FROM, TO)).hasMessage("LINK fails as told");
    assertThat(memory.files(ROOT)).containsExactly(FROM);
  }

  private static final class WithoutLinks extends WrappedDisk {
    private WithoutLinks(Disk disk) {
      super(disk);
    }

    @Override
    public void link(Path from, Path to) throws IOException {
      throw new FileSystemException(to.toString(), from.toString(), "Operation not permitted");
    }
  }

  @Test
  void theFileHasANameAfterAPowerCutWhoeverSyncsTheDirectoryThatItLeaves() throws IOException {
    disk.failWhen(_ -> {
      memory.syncDirectory(OLD);
      for (int seed = 0; seed < 20; seed++) {
        assertThat(memory.afterPowerCut(new SplittableRandom(seed)).files(ROOT)).isNotEmpty();
      }
      return false;
    });
    disk.moveAside(FROM, TO);
    assertThat(memory.files(ROOT)).containsExactly(TO);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void twoThreadsMayMoveTheSameFile(int step) throws IOException {
    var steps = new AtomicInteger();
    disk.failWhen(_ -> {
      if (steps.incrementAndGet() == step) {
        moveInstead();
      }
      return false;
    });
    try {
      disk.moveAside(FROM, TO);
    } catch (NoSuchFileException _) {
      assertThat(step).as("the other was first").isEqualTo(1);
    }
    assertThat(memory.files(ROOT)).containsExactly(TO);
  }

  private void moveInstead() {
    try {
      memory.moveAside(FROM, TO);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void saysThatThereIsNoSuchFile() throws IOException {
    memory.delete(FROM);
    assertThatThrownBy(() -> disk.moveAside(FROM, TO)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void makesTheDirectoryThatSomebodyHasClearedAway(@TempDir Path directory) throws IOException {
    var file = Files.writeString(directory.resolve("a.msg"), "x");
    new LocalDisk().moveAside(file, directory.resolve("damaged/a.msg"));
    assertThat(file).doesNotExist();
    assertThat(directory.resolve("damaged/a.msg")).hasContent("x");
  }
}
