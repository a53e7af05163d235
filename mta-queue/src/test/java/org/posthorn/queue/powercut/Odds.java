package org.posthorn.queue.powercut;

import java.util.random.RandomGenerator;

/**
 * How kind a power cut is: chance decides what of the unsynced is there, but whether nearly all or nearly nothing of it is
 * there depends on the disk.
 *
 * @param kept how probable it is that an unsynced change is there
 * @param inOrder whether what is there of a file was written before what is not
 */
record Odds(RandomGenerator random, double kept, boolean inOrder) {
  private static final double[] KEPT = {0, 0.1, 0.5, 0.9, 0.98, 1};

  /** Returns the odds of one cut. */
  static Odds draw(RandomGenerator random) {
    return new Odds(random, KEPT[random.nextInt(KEPT.length)], random.nextInt(4) == 0);
  }

  /** Whether one change is there. */
  boolean keeps() {
    return random.nextDouble() < kept;
  }

  /** Returns which of {@code count} versions is there, the first of which was synced: that one, if nothing else is. */
  int version(int count) {
    if (kept == 0) {
      return 0;
    }
    return keeps() ? count - 1 : random.nextInt(count);
  }

  /** Returns a number below {@code bound}. */
  int below(int bound) {
    return random.nextInt(bound);
  }
}
