package org.posthorn.queue.h2;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.StoreException;

/**
 * One connection to the database and the one thread that uses it, which nobody interrupts: an interrupt closes an H2
 * database for everyone. A connection that broke is replaced at the next call. Safe for use by many threads.
 */
final class H2Lane implements AutoCloseable {
  /** What is done in one transaction. */
  interface Transaction<T> {
    T run(Statements statements) throws SQLException;
  }

  /** The prepared statements of a connection, each made once. Used by the lane's thread alone. */
  static final class Statements {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Statements(Connection connection) {
      this.connection = connection;
    }

    /** Returns the connection, for what needs no prepared statement; the lane commits and closes it. */
    Connection connection() {
      return connection;
    }

    /** Returns the statement for {@code sql}, which must be one of a bounded number; nobody closes it. */
    PreparedStatement prepare(String sql) throws SQLException {
      var known = prepared.get(sql);
      if (known != null) {
        return known;
      }
      var made = connection.prepareStatement(sql);
      prepared.put(sql, made);
      return made;
    }
  }

  private final H2Connections connections;
  private final Consumer<SQLException> witness;
  private final PlatformThreads thread;
  private Optional<Statements> open = Optional.empty();

  /** Connects at the first call, and shows every failure to {@code witness}. */
  H2Lane(String name, H2Connections connections, Consumer<SQLException> witness) {
    this.connections = connections;
    this.witness = witness;
    this.thread = new PlatformThreads(name, 1);
  }

  /** Runs {@code transaction}, and commits it, or throws StoreException with nothing changed. */
  <T> T run(String what, Transaction<T> transaction) {
    try {
      return thread.call(() -> commit(what, transaction));
    } catch (RejectedExecutionException e) {
      throw new StoreException("cannot %s: the index is closed, or there is no thread for it".formatted(what), e);
    }
  }

  private <T> T commit(String what, Transaction<T> transaction) {
    try {
      var statements = statements();
      T result = transaction.run(statements);
      statements.connection.commit();
      return result;
    } catch (SQLException e) {
      witness.accept(e);
      open = Optional.empty();
      connections.closeAll(); // after a failure nothing of the old connections is trusted
      throw new StoreException("cannot " + what, e);
    } catch (RuntimeException | Error e) { // the next transaction must not commit half of this one
      disconnect();
      throw e;
    }
  }

  private Statements statements() throws SQLException {
    if (open.isEmpty() || open.get().connection.isClosed()) { // which another lane does, too
      var connection = connections.connect();
      connection.setAutoCommit(false);
      open = Optional.of(new Statements(connection));
    }
    return open.get();
  }

  /** Rolls back what was begun. The next call connects anew. */
  private boolean disconnect() {
    open.ifPresent(statements -> connections.close(statements.connection));
    open = Optional.empty();
    return true;
  }

  @Override
  public void close() {
    try {
      thread.call(this::disconnect);
    } catch (RejectedExecutionException _) { // closed already
    }
    thread.close();
  }
}
