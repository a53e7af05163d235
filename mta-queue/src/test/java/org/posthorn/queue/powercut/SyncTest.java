package org.posthorn.queue.powercut;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.Nightly;

/**
 * Shows that {@link PowerCutTest} bites: for each place in the program that syncs, a disk that ignores it loses what was
 * promised. A new place is found by itself.
 */
class SyncTest {
  private static final int LIVES = 5;
  /**
   * More lives are added when these do not show what a sync is good for: chance, and threads, decide what happens. A few
   * rounds do nearly always; so many that chance alone fails none.
   */
  private static final int ROUNDS = 25;
  private static final int ACTS = 80;
  private static final int TRIES = Nightly.times(200, 3_000);
  /** Steps after a sync within which a cut often shows that it was not done; otherwise any time later. */
  private static final int SOON = 30;

  /**
   * Syncs that no promise needs.
   *
   * @param where class and method
   * @param count how many there
   * @param why nothing is lost without them
   */
  private record Spare(String where, int count, String why) {}

  private static final List<Spare> SPARE = List.of(
      new Spare("CleanEnd.take", 1, "the database writes and syncs when it opens, and its file has another time then"),
      new Spare("CleanEnd.put", 2, "the next start takes longer, and that is all"),
      new Spare("SpoolLayout.create", 1, "the journal's directory is made beside it, and synced"),
      new Spare("FileSpool.secure", 1, "it takes a kill and then a cut to need it: KillAndCutTest"),
      new Spare("SpoolLayout.syncDirectories", 1, "the same"),
      new Spare("JournalReplay.sync", 1, "it takes a kill and then a cut to need it: ModelQueueTest"),
      new Spare("JournalReplay.createDirectories", 1, "the first segment's name is synced, and all names beside it"));
  /** The database's own: the index is made anew when it cannot be read. */
  private static final String INDEX = "index";

  @TempDir
  Path directory;

  private final List<Life> lives = new ArrayList<>();

  private final RandomGenerator random = new SplittableRandom(1);

  /** Lives again, and keeps of the lives before those that came by one of the {@code methods}, which may be rare. */
  private void live(int from, Set<String> methods) {
    lives.removeIf(life -> sites(life).noneMatch(site -> methods.contains(method(site))));
    for (int seed = from; seed < from + LIVES; seed++) {
      var life = new Life(directory, DiskImage.empty(directory), new SplittableRandom(seed), 0);
      life.live(new Promises(new DiskLog()), 0, ACTS);
      lives.add(life);
    }
  }

  @Test
  void eachSyncIsNeeded() {
    var bites = new HashMap<String, String>();
    Set<String> missed = Set.of();
    for (int round = 0; round < ROUNDS && (round == 0 || !missed.isEmpty()); round++) {
      live(1 + round * LIVES, missed);
      missed = missed(bites);
    }
    assertThat(missed).as("syncs without which nothing is lost; those that are needed: %s", bites).isEmpty();
    assertThat(bites).as("syncs that are needed").hasSizeGreaterThanOrEqualTo(10);
  }

  /** Returns the methods with more syncs that nothing is lost without than they may have. */
  private Set<String> missed(Map<String, String> bites) {
    var missed = new TreeMap<String, Integer>();
    for (var site : sites()) {
      if (!site.equals(INDEX) && !bites.containsKey(site)) {
        bite(site).ifPresentOrElse(what -> bites.put(site, what), () -> missed.merge(method(site), 1, Integer::sum));
      }
    }
    var spare = SPARE.stream().collect(Collectors.toMap(Spare::where, Spare::count));
    missed.entrySet().removeIf(method -> method.getValue() <= spare.getOrDefault(method.getKey(), 0));
    return missed.keySet();
  }

  private static String method(String site) {
    return site.replaceFirst(":\\d+", "");
  }

  private Set<String> sites() {
    return lives.stream().flatMap(SyncTest::sites).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> sites(Life life) {
    return life.log().steps().stream().flatMap(step -> siteOf(step).stream());
  }

  private static Optional<String> siteOf(DiskStep step) {
    return switch (step) {
      case DiskStep.Sync(_, var site) -> Optional.of(site);
      case DiskStep.SyncDirectory(_, var site) -> Optional.of(site);
      case DiskStep.MakeDirectory _,DiskStep.Create _,DiskStep.Write _,DiskStep.Truncate _,DiskStep.Touch _,DiskStep.Rename _,DiskStep.Link _,DiskStep.Delete _ ->
        Optional
            .empty();
    };
  }

  /** Returns what is lost without the syncs at {@code site}; empty when nothing can be shown to be. */
  private Optional<String> bite(String site) {
    var reaching = lives.stream().filter(life -> sites(life).anyMatch(site::equals)).toList();
    for (int i = 0; i < TRIES; i++) {
      var life = reaching.get(i % reaching.size());
      var lost = lost(life, cut(life, site), site);
      if (lost.isPresent()) {
        return lost;
      }
    }
    return Optional.empty();
  }

  /** Returns a step after one of the syncs at {@code site}. */
  private int cut(Life life, String site) {
    var steps = life.log().steps();
    int[] places = IntStream.range(0, steps.size())
        .filter(at -> siteOf(steps.get(at)).equals(Optional.of(site)))
        .toArray();
    int sync = places[random.nextInt(places.length)] + 1;
    int left = steps.size() + 1 - sync;
    return sync + random.nextInt(random.nextBoolean() ? Math.min(SOON, left) : left);
  }

  private Optional<String> lost(Life life, int cut, String site) {
    var disk = new PowerCut(DiskImage.empty(directory), site::equals);
    life.log().steps().subList(0, cut).forEach(disk::follow);
    try {
      var next = new Life(directory, disk.image(random), random, 1);
      next.look(life.promises(), cut);
      return Optional.empty();
    } catch (RuntimeException | AssertionError e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
