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

/**
 * The numbered scripts that make the schema what it is, each run once. A database remembers the checksums of those it
 * has seen.
 */
final class SchemaSteps {
  private static final List<String> SCRIPTS = List.of("001-queue.sql");

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
      try (var statement = connection.createStatement()) {
        for (var sql : steps.get(i).sql().split(";\\s*\n", -1)) {
          if (!sql.isBlank()) {
            statement.execute(sql);
          }
        }
      }
      try (var insert = connection.prepareStatement("insert into schema_step (number, checksum) values (?, ?)")) {
        insert.setInt(1, i + 1);
        insert.setString(2, steps.get(i).checksum());
        insert.executeUpdate();
      }
    }
    connection.commit();
  }
}
