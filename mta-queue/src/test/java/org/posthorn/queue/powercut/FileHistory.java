package org.posthorn.queue.powercut;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** One file: what of it is safe, and what was done to it since. */
final class FileHistory {
  private static final int SECTOR = 512;

  private byte[] safe;
  private Optional<Long> safeTime;
  private final List<DiskStep> unsynced = new ArrayList<>();

  FileHistory(byte[] safe, Optional<Long> safeTime) {
    this.safe = safe;
    this.safeTime = safeTime;
  }

  /** Notes a change of content, length or time. */
  void change(DiskStep step) {
    unsynced.add(step);
  }

  /** All changes are safe from now on. */
  void sync() {
    safe = bytes(new Odds(new SplittableRandom(0), 1, false), new byte[0]);
    safeTime = times().getLast();
    unsynced.clear();
  }

  /** Returns what is safe. */
  byte[] safe() {
    return safe;
  }

  /** Returns the time of last change that a cut leaves. */
  Optional<Long> time(Odds odds) {
    var times = times();
    return times.get(odds.version(times.size()));
  }

  private List<Optional<Long>> times() {
    var times = new ArrayList<Optional<Long>>();
    times.add(safeTime);
    for (var step : unsynced) {
      if (step instanceof DiskStep.Touch(_, var millis)) {
        times.add(Optional.of(millis));
      }
    }
    return times;
  }

  /**
   * Returns the content that a cut leaves: each sector is as it was at the last sync or after any write since, and the
   * length too. Where the file grew and nothing was written is nothing, or {@code stale}, what was there before.
   */
  byte[] bytes(Odds odds, byte[] stale) {
    var lengths = lengths();
    int longest = lengths.stream().mapToInt(length -> length).max().orElse(0);
    byte[] bytes = Arrays.copyOf(safe, longest);
    for (int at = safe.length; at < Math.min(longest, stale.length); at++) {
      bytes[at] = stale[at];
    }
    int kept = odds.inOrder() && !unsynced.isEmpty() ? odds.below(unsynced.size() + 1) : unsynced.size();
    boolean[] isOld = new boolean[longest / SECTOR + 1];
    for (var step : unsynced.subList(0, kept)) {
      switch (step) {
        case DiskStep.Write(_, var position, var written) -> apply(written, (int) position, bytes, isOld, odds);
        case DiskStep.Truncate(_, var size) -> apply(new byte[longest - (int) size], (int) size, bytes, isOld, odds);
        case DiskStep.Touch _ -> {
        }
        case DiskStep.MakeDirectory _,DiskStep.Create _,DiskStep.Rename _,DiskStep.Link _,DiskStep.Delete _,DiskStep.Sync _,DiskStep.SyncDirectory _ ->
          throw new IllegalStateException(
              "no change of a file: " + step);
      }
    }
    return Arrays.copyOf(bytes, odds.inOrder() ? lengths.get(kept) : length(lengths, odds));
  }

  /** Returns the length at the last sync and after each change since. */
  private List<Integer> lengths() {
    var lengths = new ArrayList<Integer>();
    int length = safe.length;
    lengths.add(length);
    for (var step : unsynced) {
      if (step instanceof DiskStep.Write(_, var position, var written)) {
        length = Math.max(length, (int) position + written.length);
      } else if (step instanceof DiskStep.Truncate(_, var size)) {
        length = (int) size;
      }
      lengths.add(length);
    }
    return lengths;
  }

  private static int length(List<Integer> lengths, Odds odds) {
    int one = lengths.get(odds.version(lengths.size()));
    int other = lengths.get(odds.version(lengths.size()));
    return odds.below(2) == 0 ? one : Math.min(one, other) + odds.below(1 + Math.abs(one - other));
  }

  /** Writes sector by sector; one that misses a write misses all later ones, as it would have been overwritten by them. */
  private static void apply(byte[] written, int position, byte[] bytes, boolean[] isOld, Odds odds) {
    int end = position + written.length;
    for (int from = position; from < end;) {
      int sector = from / SECTOR;
      int to = Math.min(end, (sector + 1) * SECTOR);
      isOld[sector] |= !odds.inOrder() && !odds.keeps();
      if (!isOld[sector]) {
        System.arraycopy(written, from - position, bytes, from, to - from);
      }
      from = to;
    }
  }
}
