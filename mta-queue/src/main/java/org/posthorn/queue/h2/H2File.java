package org.posthorn.queue.h2;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcDataSource;
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.StoreException;

/**
 * The file of the database. One that cannot be used is moved aside, to {@code index.mv.db.bad-<n>}, for somebody to look
 * at; the last few of these are kept.
 */
final class H2File {
  private static final String NAME = "index";
  private static final String FILE_NAME = NAME + ".mv.db";
  /** Stands beside a database that was seen to be damaged, until the next start puts another in its place. */
  private static final String DAMAGED_NAME = NAME + ".damaged";
  private static final Pattern BAD_NAME = Pattern.compile(Pattern.quote(FILE_NAME) + "\\.bad-(\\d{1,9})");
  private static final int KEPT_BAD_FILES = 3;
  /** In KiB. The default takes a part of all heap that grows with it. */
  private static final int CACHE_KIBIBYTES = 32 * 1024;

  private final Path directory;
  private final SchemaSteps schema = new SchemaSteps();

  H2File(Path directory) {
    this.directory = directory.toAbsolutePath();
    if (this.directory.toString().contains(";")) { // which H2 takes for the end of the path
      throw new IllegalArgumentException("a semicolon in the path of the index: " + this.directory);
    }
  }

  /**
   * Sees to it that there is a database with the schema of today. Returns why it is empty; nothing when it was there and
   * in order.
   */
  Optional<String> prepare() {
    return onOwnThread(this::prepareHere);
  }

  /** Moves the database aside and makes another. Returns why it is empty. */
  Optional<String> replace() {
    return onOwnThread(() -> makeAnew("it could not be used"));
  }

  private interface Step {
    Optional<String> run() throws IOException, SQLException;
  }

  private Optional<String> onOwnThread(Step step) {
    try (var thread = new PlatformThreads("index-open", 1)) {
      return thread.call(() -> {
        try {
          return step.run();
        } catch (IOException | SQLException e) {
          throw new StoreException("cannot open the index in " + directory, e);
        }
      });
    }
  }

  private Optional<String> prepareHere() throws IOException, SQLException {
    if (Files.notExists(file())) {
      Files.deleteIfExists(directory.resolve(DAMAGED_NAME));
      complete();
      return Optional.of("there was none");
    }
    var objection = Files.exists(directory.resolve(DAMAGED_NAME)) ? Optional.of("it was damaged") : tryToComplete();
    return objection.isPresent() ? makeAnew(objection.get()) : Optional.empty();
  }

  private Optional<String> makeAnew(String why) throws IOException, SQLException {
    var aside = moveAside();
    complete();
    return Optional.of("%s, see %s".formatted(why, aside));
  }

  private Optional<String> tryToComplete() throws SQLException {
    try {
      return complete();
    } catch (SQLException e) {
      if (e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
        throw new StoreException("another process has the index in %s open".formatted(directory), e);
      }
      return Optional.of("it could not be read");
    }
  }

  /** Brings the schema up to date; returns why that is not possible, or why nothing can be in the database. */
  private Optional<String> complete() throws SQLException {
    try (var connection = connect()) {
      connection.setAutoCommit(false);
      var seen = SchemaSteps.seen(connection);
      var objection = schema.objection(seen);
      if (objection.isEmpty()) {
        schema.complete(connection, seen.size());
      }
      return objection.isEmpty() && seen.isEmpty() ? Optional.of("it was empty") : objection;
    }
  }

  private Path moveAside() throws IOException {
    int last = 0;
    try (var files = Files.list(directory)) {
      last = files.mapToInt(H2File::badNumber).max().orElse(0);
    }
    var aside = directory.resolve("%s.bad-%d".formatted(FILE_NAME, last + 1));
    Files.move(file(), aside);
    Files.deleteIfExists(directory.resolve(DAMAGED_NAME));
    try (var files = Files.list(directory)) {
      var old = files.filter(file -> badNumber(file) > 0)
          .sorted(Comparator.comparingInt(H2File::badNumber).reversed())
          .skip(KEPT_BAD_FILES)
          .toList();
      for (var file : old) {
        Files.delete(file);
      }
    }
    return aside;
  }

  private static int badNumber(Path file) {
    var match = BAD_NAME.matcher(String.valueOf(file.getFileName()));
    return match.matches() ? Integer.parseInt(match.group(1)) : 0;
  }

  /**
   * Connects. A commit is in the operating system's hands when it returns, so that it outlives this process; H2 would keep it
   * back for half a second otherwise. No trace file; we close it ourselves at exit. "nio" is H2's plug-in for plain files,
   * named so that a test of power cuts can put one in front that sees each write.
   */
  Connection connect() throws SQLException {
    var source = new JdbcDataSource();
    source.setURL("jdbc:h2:nio:" + directory.resolve(NAME)
        + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;CACHE_SIZE=" + CACHE_KIBIBYTES);
    source.setUser("posthorn");
    source.setPassword("");
    return source.getConnection();
  }

  /** Looks at a failure, and has the next start make a new database when this one is damaged. */
  void suspect(SQLException failure) {
    if (failure.getErrorCode() == ErrorCode.FILE_CORRUPTED_1 || failure.getErrorCode() == ErrorCode.GENERAL_ERROR_1) {
      try {
        Files.writeString(directory.resolve(DAMAGED_NAME), failure.toString());
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private Path file() {
    return directory.resolve(FILE_NAME);
  }
}
