package org.posthorn.queue.powercut;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is on a disk when the power comes back.
 *
 * @param times of last change, in milliseconds since 1970, of files of which they are known
 */
record DiskImage(Set<Path> directories, Map<Path, byte[]> files, Map<Path, Long> times) {
  DiskImage {
    directories = Set.copyOf(directories);
    files = Map.copyOf(files);
    times = Map.copyOf(times);
  }

  /** Returns by which number a log that begins with this image knows each file. */
  Map<Path, Integer> numbers() {
    var numbers = new HashMap<Path, Integer>();
    files.keySet().stream().sorted().forEach(name -> numbers.put(name, -1 - numbers.size()));
    return numbers;
  }

  /** Returns a disk with one directory and nothing in it. */
  static DiskImage empty(Path directory) {
    return new DiskImage(Set.of(directory), Map.of(), Map.of());
  }
}
