package org.posthorn.queue.h2;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/**
 * The connections of all lanes to one database. After a failure all are closed before there is another: H2 keeps a database
 * that failed until its last connection is closed, and takes the one opened meanwhile for it, whose file stays locked. Safe
 * for use by many threads.
 */
final class H2Connections {
  /** Opens a connection. */
  interface Source {
    Connection connect() throws SQLException;
  }

  private final Source source;
  @GuardedBy("this")
  private final Set<Connection> open = new HashSet<>();

  H2Connections(Source source) {
    this.source = source;
  }

  synchronized Connection connect() throws SQLException {
    var connection = source.connect();
    open.add(connection);
    return connection;
  }

  /** Closes one, and rolls back what was begun on it. */
  synchronized void close(Connection connection) {
    open.remove(connection);
    closeQuietly(connection);
  }

  /** Closes all, of other lanes too, when what they are at has ended. */
  synchronized void closeAll() {
    open.forEach(H2Connections::closeQuietly);
    open.clear();
  }

  private static boolean closeQuietly(Connection connection) {
    try {
      connection.close();
      return true;
    } catch (SQLException _) { // nothing more can be done with it
      return false;
    }
  }
}
