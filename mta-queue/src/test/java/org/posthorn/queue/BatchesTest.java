package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private final List<List<Integer>> batches = new ArrayList<>();

  @Test
  void whatIsLightGoesManyAtATime() {
    batch(1, 1, 1, 1, 1, 1, 1);
    assertThat(batches).containsExactly(List.of(1, 1, 1), List.of(1, 1, 1), List.of(1));
  }

  @Test
  void whatIsHeavyGoesFewAtATime() {
    batch(2, 2, 100, 1, 3, 1);
    assertThat(batches).containsExactly(List.of(2, 2), List.of(100), List.of(1, 3), List.of(1));
  }

  @Test
  void nothingMakesNoBatch() {
    batch();
    assertThat(batches).isEmpty();
  }

  private void batch(Integer... weights) {
    new Batches<Integer>(3, weight -> weight).of(visitor -> Stream.of(weights).forEach(visitor), batches::add);
  }
}
