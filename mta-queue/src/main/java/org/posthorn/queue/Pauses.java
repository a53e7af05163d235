package org.posthorn.queue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which destinations the operator has paused, in a file, so that a restart does not let mail go. One line each: when it
 * ends or {@code -}, the destination, the reason, with tabs in between. Safe for use by many threads.
 */
public final class Pauses {
  private static final String NO_END = "-";
  private static final Logger LOG = LoggerFactory.getLogger(Pauses.class);

  private final Path file;
  private final Map<String, Pause> byDestination = new TreeMap<>();

  private Pauses(Path file) {
    this.file = file;
  }

  /** Reads {@code file}, which need not be there; lines that say nothing are left out. Throws {@link StoreException}. */
  public static Pauses at(Path file) {
    var pauses = new Pauses(file);
    try {
      if (Files.exists(file)) {
        Files.readAllLines(file, StandardCharsets.UTF_8).forEach(pauses::read);
      }
    } catch (IOException e) {
      throw new StoreException("cannot read " + file, e);
    }
    return pauses;
  }

  /** Returns all pauses. */
  synchronized Map<Destination, Pause> all() {
    var all = new HashMap<Destination, Pause>();
    byDestination.forEach((name, pause) -> all.put(new Destination(name), pause));
    return all;
  }

  /** Keeps a pause. Throws {@link StoreException} when the file cannot be written. */
  synchronized void put(Destination destination, Pause pause) {
    var next = new TreeMap<>(byDestination);
    next.put(destination.name(), pause);
    replace(next);
  }

  /** Forgets a pause. Throws {@link StoreException} when the file cannot be written. */
  synchronized void remove(Destination destination) {
    var next = new TreeMap<>(byDestination);
    next.remove(destination.name());
    replace(next);
  }

  /** Forgets the pauses that are over at {@code now}, and returns whose they were. Never throws. */
  synchronized List<Destination> end(Instant now) {
    var ended = new ArrayList<Destination>();
    byDestination.forEach((name, pause) -> {
      if (pause.isOver(now)) {
        ended.add(new Destination(name));
      }
    });
    if (!ended.isEmpty()) {
      ended.forEach(destination -> byDestination.remove(destination.name()));
      try {
        write(byDestination);
      } catch (StoreException e) { // it is over for the next start too
        LOG.atWarn().addKeyValue("file", file).setCause(e).log("a pause that has ended stays in the file for now");
      }
    }
    return ended;
  }

  /** What the operator is told has failed must not come about at the next start, or with the next command. */
  private void replace(Map<String, Pause> next) {
    write(next);
    byDestination.clear();
    byDestination.putAll(next);
  }

  private void read(String line) {
    String[] parts = line.split("\t", 3);
    try {
      Optional<Instant> until = NO_END.equals(parts[0]) ? Optional.empty() : Optional.of(Instant.parse(parts[0]));
      if (parts.length == 3) {
        byDestination.put(parts[1], new Pause(parts[2], until));
      }
    } catch (DateTimeParseException e) {
      LOG.atWarn().addKeyValue("file", file).addKeyValue("line", Printable.of(line)).log("not a pause");
    }
  }

  private void write(Map<String, Pause> pauses) {
    var text = new StringBuilder();
    pauses.forEach((name, pause) -> text.append(pause.until().map(Instant::toString).orElse(NO_END))
        .append('\t')
        .append(Printable.of(name))
        .append('\t')
        .append(Printable.of(pause.reason()))
        .append('\n'));
    var draft = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(draft, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE, StandardOpenOption.DSYNC);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (var directory = FileChannel.open(file.toAbsolutePath().resolveSibling(".").normalize())) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw new StoreException("cannot write " + file, e);
    }
  }
}
