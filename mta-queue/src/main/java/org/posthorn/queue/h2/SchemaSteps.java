package org.posthorn.queue.h2;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The numbered scripts that make the schema what it is, each run once. A database remembers the checksums of those it
 * has seen.
 */
final class SchemaSteps {
  private static final List<String> SCRIPTS = List.of("001-tables.sql", "002-indexes.sql");
  /** Which of the scripts makes indexes and nothing else. */
  private static final int INDEXES = 1;
  private static final Pattern INDEX = Pattern.compile("create (?:unique )?index (\\w+) on (\\w+) \\(([^)]*)\\)");
  /** The number of a step that stands in a database while it is being filled. */
  private static final int UNFINISHED = 0;
  private static final String FILLING = "filling";

  /** An index of a table, by these columns. */
  record Index(String name, String table, List<String> columns) {
    Index {
      columns = List.copyOf(columns);
    }
  }

  private record Step(String sql, String checksum) {}

  private final List<Step> steps;

  SchemaSteps() {
    steps = SCRIPTS.stream().map(SchemaSteps::load).toList();
  }

  private static Step load(String name) {
    try (InputStream script = SchemaSteps.class.getResourceAsStream(name)) {
      if (script == null) {
        throw new IllegalStateException("no script " + name);
      }
      byte[] bytes = script.readAllBytes();
      var digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return new Step(new String(bytes, StandardCharsets.UTF_8), HexFormat.of().formatHex(digest));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the checksums of the steps that a database has seen, in order; none for a database without tables. */
  static List<String> seen(Connection connection) throws SQLException {
    var checksums = new ArrayList<String>();
    try (var statement = connection.createStatement()) {
      statement.execute("create table if not exists schema_step (number integer primary key, checksum varchar(64))");
      try (var rows = statement.executeQuery("select checksum from schema_step order by number")) {
        while (rows.next()) {
          checksums.add(rows.getString(1));
        }
      }
    }
    return checksums;
  }

  /** Returns why a database that has {@code seen} these cannot be brought up to date; empty when it can. */
  Optional<String> objection(List<String> seen) {
    if (seen.contains(FILLING)) {
      return Optional.of("it was not filled to the end");
    }
    if (seen.size() > steps.size()) {
      return Optional.of("it is of a later version");
    }
    for (int i = 0; i < seen.size(); i++) {
      if (!steps.get(i).checksum().equals(seen.get(i))) {
        return Optional.of("its schema is another one");
      }
    }
    return Optional.empty();
  }

  /** Runs the steps that a database has not {@code seen}. */
  void complete(Connection connection, int seen) throws SQLException {
    for (int i = seen; i < steps.size(); i++) {
      run(connection, steps.get(i));
      note(connection, i + 1, steps.get(i).checksum());
    }
    connection.commit();
  }

  /** Drops the indexes of an empty database, so that it is filled quickly; until they are there again it is of no use. */
  void dropIndexes(Connection connection) throws SQLException {
    note(connection, UNFINISHED, FILLING);
    try (var statement = connection.createStatement()) {
      for (var index : indexes()) {
        statement.execute("drop index " + index.name());
      }
    }
  }

  /** Returns all indexes that a database has when it is complete. */
  List<Index> indexes() {
    return INDEX.matcher(steps.get(INDEXES).sql())
        .results()
        .map(match -> new Index(match.group(1), match.group(2), List.of(match.group(3).split(", ", -1))))
        .toList();
  }

  /** Makes the indexes anew, when all is in the tables. */
  void createIndexes(Connection connection) throws SQLException {
    run(connection, steps.get(INDEXES));
    try (var delete = connection.prepareStatement("delete from schema_step where number = ?")) {
      delete.setInt(1, UNFINISHED);
      delete.executeUpdate();
    }
  }

  private static void run(Connection connection, Step step) throws SQLException {
    try (var statement = connection.createStatement()) {
      for (var sql : step.sql().split(";\\s*\n", -1)) {
        if (!sql.isBlank()) {
          statement.execute(sql);
        }
      }
    }
  }

  private static void note(Connection connection, int number, String checksum) throws SQLException {
    try (var insert = connection.prepareStatement("insert into schema_step (number, checksum) values (?, ?)")) {
      insert.setInt(1, number);
      insert.setString(2, checksum);
      insert.executeUpdate();
    }
  }
}
