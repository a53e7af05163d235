package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.Environment;
import org.posthorn.daemon.config.SettingsSource;

/** Where local programs find the daemon. */
class LocalServerTest {
  private static final String MX = "[[listener]]\naddress = \"0.0.0.0:25\"\n";
  private static final String LMTP = "[[listener]]\nsocket = \"lmtp\"\nkind = \"lmtp\"\n";
  private static final String SUBMISSION = "[[listener]]\naddress = \"127.0.0.1:587\"\nkind = \"submission\"\n";

  @TempDir
  private Path folder;

  @ParameterizedTest
  @CsvSource({"mx, 127.0.0.1:25", "lmtp mx, 127.0.0.1:25", "submission mx, 127.0.0.1:25", "submission, 127.0.0.1:587"})
  void isWhereMailIsTakenFromThisMachine(String listeners, String place) throws Exception {
    assertThat(LocalServer.text(LocalServer.of(settings(listeners)))).isEqualTo(place);
  }

  @Test
  void saysThatThereIsNone() throws Exception {
    var settings = settings("lmtp");
    assertThatThrownBy(() -> LocalServer.of(settings)).isInstanceOf(Failure.class).hasMessageContaining("Unix sockets");
  }

  private Configuration settings(String listeners) throws Exception {
    var file = folder.resolve("posthorn.toml");
    Files.writeString(file, Stream.of(listeners.split(" ", -1))
        .map(kind -> Map.of("mx", MX, "lmtp", LMTP, "submission", SUBMISSION).getOrDefault(kind, ""))
        .collect(Collectors.joining()));
    return new SettingsSource(Optional.of(file), Environment.ofThisMachine()).read();
  }
}
