package org.posthorn.queue.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2LaneTest {
  @TempDir
  Path directory;

  @Test
  void neverCommitsHalfOfATransactionThatAnErrorBrokeOff() {
    var file = new H2File(directory);
    assertThat(file.prepare()).isPresent();
    try (var lane = new H2Lane("test", new H2Connections(file::connect), _ -> {})) {
      assertThatThrownBy(() -> lane.run("break", statements -> {
        insert(statements, 1);
        throw new StackOverflowError("in the middle");
      })).isInstanceOf(StackOverflowError.class);
      lane.run("go on", statements -> insert(statements, 2));
      List<Integer> written = lane.run("look", statements -> H2QueueIndex
          .list(statements.prepare("select priority from urgency"), row -> row.getInt(1)));
      assertThat(written).containsExactly(2);
    }
  }

  private static int insert(H2Lane.Statements statements, int priority) throws SQLException {
    var insert = statements.prepare("insert into urgency (priority) values (?)");
    insert.setInt(1, priority);
    return insert.executeUpdate();
  }
}
