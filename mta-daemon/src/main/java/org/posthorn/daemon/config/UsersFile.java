package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.posthorn.smtp.Printable;

/** A file with a local user on each line; empty lines and those that begin with {@code #} do not count. */
final class UsersFile {
  private UsersFile() {}

  /** Reads all users, in lower case; what is wrong goes to {@code problems} with its line. */
  static Set<String> read(Path file, Problems problems) {
    var users = new TreeSet<String>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      problems.add(new Problem(file.toString(), 0, 0, "cannot be read: " + Reason.of(e)));
      return users;
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        int number = i + 1;
        Values.user(line)
            .ifPresentOrElse(users::add, () -> problems.add(new Problem(file.toString(), number, 1,
                "not a user name: \"" + Printable.of(line) + "\" (one on each line, without \"@\" and spaces)")));
      }
    }
    return users;
  }
}
