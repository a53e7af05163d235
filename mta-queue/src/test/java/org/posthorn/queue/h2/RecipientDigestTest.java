package org.posthorn.queue.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.RecipientNumber;

class RecipientDigestTest {
  @TempDir
  Path directory;

  @Test
  void isAnotherForOtherRecipientsHoweverManyThereAre() {
    var seen = new HashSet<Long>();
    seen.add(RecipientDigest.of(Set.of()));
    int most = 40;
    for (int a = 0; a < most; a++) {
      assertThat(seen.add(digest(a))).isTrue();
      for (int b = a + 1; b < most; b++) {
        assertThat(seen.add(digest(a, b))).isTrue();
        for (int c = b + 1; c < most; c++) {
          assertThat(seen.add(digest(a, b, c))).isTrue();
        }
      }
    }
  }

  @Test
  void saysNothingOfTheOrder() {
    assertThat(digest(7, 3, 50_000)).isEqualTo(digest(50_000, 7, 3));
  }

  @Test
  void isTheSameInSql() throws SQLException {
    try (var connection = new H2File(directory).connect();
        var select = connection.prepareStatement("select " + RecipientDigest.SQL
            + " from (select cast(x as integer) as number from system_range(?, ?))")) {
      for (var range : List.of(List.of(0, 0), List.of(0, 1), List.of(5, 1_000), List.of(99_000, 100_000),
          List.of(2, 1))) {
        select.setInt(1, range.getFirst());
        select.setInt(2, range.getLast());
        try (var rows = select.executeQuery()) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getLong(1))
              .isEqualTo(digest(IntStream.rangeClosed(range.getFirst(), range.getLast()).toArray()));
        }
      }
    }
  }

  private static long digest(int... numbers) {
    return RecipientDigest.of(IntStream.of(numbers).mapToObj(RecipientNumber::new).toList());
  }
}
