package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdMapTest {
  @ParameterizedTest
  @ValueSource(strings = {"0000000000000000", "zzzzzzzzzzzzzzzz", "00000000zzzzzzzz", "zzzzzzzz00000000",
      "0f3k9x2m1q7w5e8r"})
  void givesBackEveryId(String text) {
    var map = new IdMap();
    map.put(new QueueId(text), 7);
    var seen = new HashMap<QueueId, Long>();
    map.forEach(seen::put);

    assertThat(seen).containsExactly(Map.entry(new QueueId(text), 7L));
  }

  @Test
  void doesAsAMapDoes() {
    var random = new Random(42);
    var model = new HashMap<QueueId, Long>();
    var map = new IdMap();
    for (long i = 0; i < 50_000; i++) {
      var id = Messages.id(random.nextInt(8_000));
      if (random.nextInt(3) > 0) {
        model.put(id, i);
        map.put(id, i);
      } else {
        assertThat(map.remove(id)).isEqualTo(Optional.ofNullable(model.remove(id)).orElse(IdMap.ABSENT));
      }
      assertThat(map.get(id)).isEqualTo(model.getOrDefault(id, IdMap.ABSENT));
      assertThat(map.size()).isEqualTo(model.size());
    }
    var seen = new HashMap<QueueId, Long>();
    map.forEach(seen::put);
    assertThat(seen).isEqualTo(model);
  }
}
