package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdSetTest {
  @ParameterizedTest
  @ValueSource(strings = {"0000000000000000", "zzzzzzzzzzzzzzzz", "00000000zzzzzzzz", "zzzzzzzz00000000",
      "0f3k9x2m1q7w5e8r"})
  void givesBackEveryId(String text) {
    var set = new IdSet();
    set.add(new QueueId(text));
    var seen = new HashSet<QueueId>();
    set.forEach(seen::add);

    assertThat(seen).containsExactly(new QueueId(text));
  }

  @Test
  void doesAsASetDoes() {
    var random = new Random(42);
    var model = new HashSet<QueueId>();
    var set = new IdSet();
    for (int i = 0; i < 50_000; i++) {
      var id = Messages.id(random.nextInt(8_000));
      if (random.nextInt(3) > 0) {
        model.add(id);
        set.add(id);
      } else {
        assertThat(set.remove(id)).isEqualTo(model.remove(id));
      }
      assertThat(set.contains(id)).isEqualTo(model.contains(id));
      assertThat(set.size()).isEqualTo(model.size());
    }
    var seen = new HashSet<QueueId>();
    set.forEach(seen::add);
    assertThat(seen).isEqualTo(model);
  }
}
