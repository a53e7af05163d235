package org.posthorn.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.posthorn.smtp.Domain;

/** Whatever the file holds, it is settings or is refused in words. */
class ConfigurationFuzzTest {
  private static final ConfigurationReader READER = new ConfigurationReader(
      new Environment(Domain.of("box.example.net"), "alice", Set.of(), Path.of("/home/a")));

  @FuzzTest
  void readsOrRefuses(byte[] file) {
    var text = new String(file, StandardCharsets.UTF_8);
    try {
      READER.parse(text, "posthorn.toml", Path.of("/nowhere"), Path.of("/var/lib/posthorn"));
    } catch (ConfigException e) {
      assertThat(e.problems()).isNotEmpty()
          .allSatisfy(problem -> assertThat(problem.toString()).startsWith("posthorn.toml:"));
    }
  }
}
