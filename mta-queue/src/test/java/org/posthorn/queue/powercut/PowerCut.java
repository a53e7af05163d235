package org.posthorn.queue.powercut;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.random.RandomGenerator;

/**
 * Follows the steps of a {@link DiskLog} and says what the disk may hold if the power fails at the present one: all that was
 * synced, and any part of the rest, each name and each sector by itself. No more is asked of a file system than that a
 * rename that was not synced loses no file.
 */
final class PowerCut {
  private record Move(Path from, Path to, int file) {}

  private final Predicate<String> isForgotten;
  private final Map<Integer, FileHistory> files = new HashMap<>();
  /** What each name stood for when its directory was synced, and since; empty for no file. */
  private final Map<Path, List<Optional<Integer>>> names = new TreeMap<>();
  private final Set<Path> roots = new TreeSet<>();
  private final Set<Path> directories = new TreeSet<>();
  private final Set<Path> newDirectories = new TreeSet<>();
  /** Those of which neither is sure: that the old name is gone, nor that the new one is there. */
  private final List<Move> moves = new ArrayList<>();

  /** Begins with {@code start}; syncs at a place for which {@code isForgotten} holds have no effect. */
  PowerCut(DiskImage start, Predicate<String> isForgotten) {
    this.isForgotten = isForgotten;
    directories.addAll(start.directories());
    start.directories().stream().filter(directory -> !directories.contains(directory.getParent())).forEach(roots::add);
    start.numbers().forEach((name, number) -> {
      names.put(name, new ArrayList<>(List.of(Optional.of(number))));
      files.put(number, new FileHistory(start.files().getOrDefault(name, new byte[0]),
          Optional.ofNullable(start.times().get(name))));
    });
  }

  /** Goes on to the next step. */
  void follow(DiskStep step) {
    switch (step) {
      case DiskStep.MakeDirectory(var directory) -> newDirectories.add(directory);
      case DiskStep.Create(var name, var file) -> {
        files.put(file, new FileHistory(new byte[0], Optional.empty()));
        name(name, Optional.of(file));
      }
      case DiskStep.Write(var file, _, _) -> history(file).change(step);
      case DiskStep.Truncate(var file, _) -> history(file).change(step);
      case DiskStep.Touch(var file, _) -> history(file).change(step);
      case DiskStep.Rename(var from, var to) -> {
        latest(from).ifPresent(file -> moves.add(new Move(from, to, file)));
        name(to, latest(from));
        name(from, Optional.empty());
      }
      case DiskStep.Link(var from, var to) -> name(to, latest(from));
      case DiskStep.Delete(var name) -> name(name, Optional.empty());
      case DiskStep.Sync(var file, var site) -> {
        if (!isForgotten.test(site)) {
          history(file).sync();
        }
      }
      case DiskStep.SyncDirectory(var directory, var site) -> {
        if (!isForgotten.test(site)) {
          sync(directory);
        }
      }
    }
  }

  private FileHistory history(int file) {
    return files.computeIfAbsent(file, _ -> new FileHistory(new byte[0], Optional.empty()));
  }

  private Optional<Integer> latest(Path name) {
    return names.getOrDefault(name, List.of(Optional.empty())).getLast();
  }

  private void name(Path name, Optional<Integer> file) {
    names.computeIfAbsent(name, _ -> new ArrayList<>(List.of(Optional.empty()))).add(file);
  }

  private void sync(Path directory) {
    names.forEach((name, versions) -> {
      if (directory.equals(name.getParent())) {
        versions.subList(0, versions.size() - 1).clear();
      }
    });
    names.values().removeIf(versions -> versions.equals(List.of(Optional.empty())));
    moves.removeIf(move -> directory.equals(move.from().getParent())
        || (directory.equals(move.to().getParent()) && latest(move.to()).equals(Optional.of(move.file()))));
    newDirectories.removeIf(made -> directory.equals(made.getParent()) && directories.add(made));
  }

  /** Returns what the disk may hold if the power fails now. */
  DiskImage image(RandomGenerator random) {
    var odds = Odds.draw(random);
    var present = new HashSet<>(roots);
    Stream.concat(directories.stream(), newDirectories.stream())
        .sorted(Comparator.comparingInt(Path::getNameCount))
        .filter(directory -> present.contains(directory.getParent()))
        .filter(directory -> directories.contains(directory) || odds.keeps())
        .forEach(present::add);
    var stale = random.nextInt(4) == 0 ? stale(odds) : new byte[0];
    var bytes = new HashMap<Path, byte[]>();
    var times = new HashMap<Path, Long>();
    var contents = new HashMap<Integer, byte[]>();
    choose(odds).forEach((name, file) -> {
      if (present.contains(name.getParent())) {
        bytes.put(name, contents.computeIfAbsent(file, number -> history(number).bytes(odds, stale)));
        history(file).time(odds).ifPresent(time -> times.put(name, time));
      }
    });
    return new DiskImage(present, bytes, times);
  }

  private Map<Path, Integer> choose(Odds odds) {
    var chosen = new TreeMap<Path, Integer>();
    names.forEach((name, versions) -> {
      versions.get(odds.version(versions.size())).ifPresent(file -> chosen.put(name, file));
    });
    for (var move : moves) {
      if (latest(move.to()).equals(Optional.of(move.file())) && !chosen.containsValue(move.file())) {
        chosen.putIfAbsent(move.from(), move.file());
      }
    }
    return chosen;
  }

  /** Returns what another file holds, or held, which a file may be given the blocks of. */
  private byte[] stale(Odds odds) {
    var numbers = List.copyOf(new TreeSet<>(files.keySet()));
    return numbers.isEmpty() ? new byte[0] : history(numbers.get(odds.below(numbers.size()))).safe();
  }
}
