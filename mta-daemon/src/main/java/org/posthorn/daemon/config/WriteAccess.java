package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the daemon can write where the settings say, as far as that can be told without making anything there. It is taken to
 * run as the owner of its data directory, or as whoever asks when there is none yet; so root hears what its daemon may not.
 */
final class WriteAccess {
  private static final Path GROUPS = Path.of("/etc/group");
  private static final String ROOT = "root";

  private final Path data;
  private final String user;
  private final boolean isAsking;
  private final Set<String> groups = new HashSet<>();

  /** @param data the data directory, which need not be there */
  WriteAccess(Path data) {
    this.data = data;
    var asking = ProcessHandle.current().info().user().orElse(ROOT);
    var owned = Files.isDirectory(data) ? attributes(data) : Optional.<PosixFileAttributes>empty();
    user = owned.map(directory -> directory.owner().getName()).orElse(asking);
    isAsking = user.equals(asking);
    owned.ifPresent(directory -> groups.add(directory.group().getName()));
    groups.addAll(groupsOf(user));
  }

  private static Optional<PosixFileAttributes> attributes(Path file) {
    try {
      return Optional.of(Files.readAttributes(file, PosixFileAttributes.class));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static List<String> groupsOf(String user) {
    try (var lines = Files.lines(GROUPS)) {
      return lines.map(line -> line.split(":", -1)) // group(5): name, password, number, members
          .filter(field -> field.length == 4 && List.of(field[3].split(",", -1)).contains(user))
          .map(field -> field[0])
          .toList();
    } catch (IOException _) {
      return List.of();
    }
  }

  /** Says what is wrong with the data directory, if anything. */
  Optional<String> directory() {
    return obstacle(nearest(data)).map(why -> "must be a directory that " + user + " can write in, or make; " + why);
  }

  /** Says what is wrong with {@code file}, if anything, whose directory must be there. */
  Optional<String> file(Path file) {
    var parent = Optional.ofNullable(file.getParent()).orElse(file);
    Optional<String> why;
    if (Files.isDirectory(file)) {
      why = Optional.of(file + " is a directory");
    } else if (Files.exists(file)) {
      why = Optional.of(file)
          .filter(there -> Files.isRegularFile(there) && !isWritable(there))
          .map(WriteAccess::denied);
    } else if (parent.equals(data)) {
      why = Optional.empty(); // is made at the start
    } else {
      why = Files.exists(parent) ? obstacle(parent) : Optional.of("there is no " + parent);
    }
    return why.map(obstacle -> "must be a file that " + user + " can write, in a directory that is there; " + obstacle);
  }

  private static Path nearest(Path directory) {
    var there = directory;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return there;
  }

  private Optional<String> obstacle(Path directory) {
    if (!Files.isDirectory(directory)) {
      return Optional.of(directory + " is no directory");
    }
    return isWritable(directory) ? Optional.empty() : Optional.of(denied(directory));
  }

  private static String denied(Path file) {
    return file + " may not be written";
  }

  private boolean isWritable(Path file) {
    if (isAsking) {
      return Files.isWritable(file);
    }
    return user.equals(ROOT) || attributes(file).map(this::isWritable).orElse(true); // where nobody knows, no alarm
  }

  private boolean isWritable(PosixFileAttributes file) {
    var permissions = file.permissions();
    if (file.owner().getName().equals(user)) {
      return permissions.contains(PosixFilePermission.OWNER_WRITE);
    }
    return permissions.contains(groups.contains(file.group().getName())
        ? PosixFilePermission.GROUP_WRITE
        : PosixFilePermission.OTHERS_WRITE);
  }
}
