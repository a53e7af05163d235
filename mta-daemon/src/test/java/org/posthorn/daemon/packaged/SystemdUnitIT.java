package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.Needs;

/** The units of the archive, judged by systemd's own tool. */
class SystemdUnitIT {
  /** The exposure that must not be exceeded, in tenths: 2.0 is where systemd begins to say more than "OK". */
  private static final String MOST_EXPOSURE = "20";

  @TempDir
  private Path folder;

  private Path units;

  @BeforeEach
  void unpack() throws IOException, InterruptedException {
    var installation = PackagedDaemon.unpack(folder.resolve("posthorn"));
    units = installation.resolve("systemd");
    var service = units.resolve("posthorn.service");
    // The units name the place where the archive is meant to be.
    Files.writeString(service, Files.readString(service).replace("/opt/posthorn", installation.toString()));
  }

  @Test
  void theServiceIsHardened() throws Exception {
    analyze("security", "--offline=true", "--threshold=" + MOST_EXPOSURE, units.resolve("posthorn.service").toString());
  }

  /** systemd's own limit is 90 s; an index that is made anew begins again when it is cut short, and so would for ever. */
  @Test
  void aStartMayTakeAsLongAsItNeeds() throws IOException {
    assertThat(Files.readAllLines(units.resolve("posthorn.service"))).contains("TimeoutStartSec=infinity");
  }

  @Test
  void theUnitsAreWithoutFault() throws Exception {
    var arguments = new ArrayList<>(List.of("verify", "--man=no", units.resolve("posthorn.service").toString()));
    for (var kind : List.of("smtp", "submission", "submissions", "lmtp", "odmr")) {
      arguments.add(units.resolve("posthorn-" + kind + ".socket").toString());
    }
    var output = analyze(arguments.toArray(String[]::new));
    assertThat(output.lines().filter(line -> line.contains("posthorn"))).isEmpty();
  }

  private static String analyze(String... arguments) throws IOException, InterruptedException {
    var line = new ArrayList<>(List.of(Needs.program("systemd-analyze").toString()));
    line.addAll(List.of(arguments));
    var process = new ProcessBuilder(line).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
