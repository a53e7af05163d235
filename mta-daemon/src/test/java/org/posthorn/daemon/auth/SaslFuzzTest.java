package org.posthorn.daemon.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.quota.SendingLimits;

/** Whatever a client says in an exchange, it does not get in without a password, and nothing breaks. */
class SaslFuzzTest {
  private static final int MAX_STEPS = 5;

  @TempDir
  private static Path folder;

  private final Sasl sasl = new Sasl(folder, new Account("alice",
      List.of(Secret.parse(Sasl.cheap("a password that no fuzzer finds")),
          Secret.parse("{PLAIN}a password that no fuzzer finds")),
      List.of(), List.of(), List.of("*"), SendingLimits.NONE, true));

  /** The first octet chooses the mechanism; the messages are divided by the octet 0xFE, which no UTF-8 has. */
  @FuzzTest
  void letsNobodyIn(byte[] input) {
    if (input.length == 0) {
      return;
    }
    var all = Mechanism.values();
    var mechanism = all[Math.floorMod(input[0], all.length)];
    var protection = new Protection(true, Map.of("tls-exporter", new byte[32]), Optional.of("ab".repeat(32)));
    var exchange = sasl.authentication()
        .begin(sasl.settings(all), mechanism, protection, "mail.example.org", sasl.guard.seat(Sasl.CLIENT, true));
    exchange.ifPresent(begun -> drive(begun, Arrays.copyOfRange(input, 1, input.length)));
  }

  private static void drive(SaslExchange exchange, byte[] messages) {
    int from = 0;
    SaslStep step = exchange.begin();
    for (int i = 0; i < MAX_STEPS && step instanceof SaslStep.Challenge; i++) {
      int to = from;
      while (to < messages.length && messages[to] != (byte) 0xfe) {
        to++;
      }
      step = exchange.take(Arrays.copyOfRange(messages, Math.min(from, messages.length), to));
      from = Math.min(to + 1, messages.length);
    }
    assertThat(step).isNotInstanceOf(SaslStep.Success.class);
  }
}
