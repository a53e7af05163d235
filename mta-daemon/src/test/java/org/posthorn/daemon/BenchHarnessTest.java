package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.posthorn.testkit.Needs;

/** What of {@code bench/run} can be tested without measuring: tables, ratios, the catalogue, the reading of logs. */
class BenchHarnessTest {
  @Test
  void passesItsOwnTests() throws Exception {
    var process = new ProcessBuilder(Needs.program("python3").toString(), "-B", "-m", "unittest", "discover", "-t", ".",
        "tests").directory(Path.of("..", "bench").toFile()).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).doesNotContain("Ran 0 tests");
  }
}
