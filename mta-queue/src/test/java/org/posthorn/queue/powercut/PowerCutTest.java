package org.posthorn.queue.powercut;

import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.testkit.Nightly;

/**
 * Cuts the power at many steps of the disk, makes of each what a real disk could hold then, and starts the queue on it: what
 * was promised is there, byte for byte, and nothing else; and so after a second cut soon after.
 */
class PowerCutTest {
  private static final int LIVES = Nightly.times(4, 40);
  /** Images of each life on which the spool alone is started, which takes a millisecond. */
  private static final int LOOKS = Nightly.times(100, 500);
  /** Images of each life on which all is started. */
  private static final int STARTS = Nightly.times(15, 60);
  private static final int ACTS = 60;

  @TempDir
  Path directory;

  static LongStream seeds() {
    long first = Nightly.firstSeed();
    return LongStream.range(first, first + LIVES);
  }

  @ParameterizedTest(name = "-Dposthorn.seed={0}")
  @MethodSource("seeds")
  void keepsItsPromisesWheneverThePowerFails(long seed) {
    var random = new SplittableRandom(seed);
    var first = new Life(directory, DiskImage.empty(directory), random, 0);
    first.live(new Promises(new DiskLog()), 0, ACTS);
    for (int i = 0; i < LOOKS; i++) {
      int cut = random.nextInt(first.log().size() + 1);
      var second = new Life(directory, image(DiskImage.empty(directory), first, cut, random), random, 1);
      or("cut %d at step %d".formatted(i, cut), () -> second.look(first.promises(), cut));
    }
    for (int i = 0; i < STARTS; i++) {
      start(first, random, i % 4 == 0);
    }
  }

  private void start(Life first, RandomGenerator random, boolean twice) {
    int cut = random.nextInt(first.log().size() + 1);
    var image = image(DiskImage.empty(directory), first, cut, random);
    var second = new Life(directory, image, random, 1);
    or("cut at step %d".formatted(cut), () -> second.live(first.promises(), cut, twice ? 6 : 0));
    if (twice) {
      int again = random.nextInt(second.log().size() + 1);
      var third = new Life(directory, image(image, second, again, random), random, 2);
      or("cut at step %d and again at step %d".formatted(cut, again), () -> third.live(second.promises(), again, 0));
    }
  }

  private static DiskImage image(DiskImage start, Life life, int cut, RandomGenerator random) {
    var disk = new PowerCut(start, _ -> false);
    life.log().steps().subList(0, cut).forEach(disk::follow);
    return disk.image(random);
  }

  private static void or(String when, Runnable check) {
    try {
      check.run();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(when + ": " + e.getMessage(), e);
    }
  }
}
