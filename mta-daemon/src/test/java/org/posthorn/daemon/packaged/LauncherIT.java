package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory that the launcher lets the daemon have. */
class LauncherIT {
  private static final Pattern LIMIT = Pattern.compile(" MaxHeapSize += (\\d+)");

  @TempDir
  private Path folder;

  /** The JVM takes MaxRAM for the memory of the machine. */
  @ParameterizedTest(name = "{1} of {0}")
  @CsvSource({"64g, 943718400", "1g, 268435456", "512m, 134217728"})
  void givesTheHeapAQuarterOfTheMemoryAnd900MbAtMost(String memory, long octets) throws Exception {
    var run = ProgramRun.of("", "env", "POSTHORN_JAVA_OPTS=-XX:MaxRAM=" + memory + " -XX:+PrintFlagsFinal",
        PackagedDaemon.unpack(folder).resolve("posthorn"), "run", "--help");
    assertThat(LIMIT.matcher(run.output()).results().map(found -> Long.valueOf(found.group(1))))
        .containsExactly(octets);
  }

  /** What it is on this machine, whose memory the launcher must not take for another's. */
  @Test
  void leavesTheMemoryToTheMachine() throws Exception {
    var run = ProgramRun.of("", "env", "POSTHORN_JAVA_OPTS=-XX:+PrintFlagsFinal",
        PackagedDaemon.unpack(folder).resolve("posthorn"), "run", "--help");
    assertThat(run.output()).containsPattern(" MaxRAM += \\d+ .*\\{(default|ergonomic)\\}");
  }
}
