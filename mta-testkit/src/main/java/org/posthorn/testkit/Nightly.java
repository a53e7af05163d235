package org.posthorn.testkit;

/**
 * Whether long tests run long: {@code -Dposthorn.nightly=true}. What {@code mvn verify} does in seconds is done in minutes
 * then, with other seeds each time.
 */
public final class Nightly {
  private Nightly() {}

  /** Whether the build may take its time. */
  public static boolean isOn() {
    return Boolean.getBoolean("posthorn.nightly");
  }

  /** Returns {@code few}, or in the nightly mode {@code many}. */
  public static int times(int few, int many) {
    return isOn() ? many : few;
  }

  /**
   * Returns where the seeds of a test begin: 1, or in the nightly mode a number that differs from run to run;
   * {@code -Dposthorn.seed=N} repeats a run whose first seed was {@code N}.
   */
  public static long firstSeed() {
    return Long.getLong("posthorn.seed", isOn() ? System.nanoTime() & 0xfff_ffff_ffffL : 1);
  }
}
