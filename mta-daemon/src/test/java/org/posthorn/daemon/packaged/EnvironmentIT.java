package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged daemon where locale or signals are not what they should be. */
class EnvironmentIT {
  private static final Duration LONGEST = Duration.ofMinutes(2);

  @TempDir
  private Path folder;

  private Path posthorn;

  @BeforeEach
  void unpack() throws Exception {
    posthorn = PackagedDaemon.unpack(folder.resolve("installation")).resolve("posthorn");
  }

  /** A start with a long queue takes half a minute, and logrotate does not wait for it. */
  @Test
  void aSighupDuringTheStartReloadsAfterIt() throws Exception {
    var log = folder.resolve("log");
    assertThat(ProgramRun.of("", "mkfifo", log).exit()).isZero(); // whoever opens it waits for a reader, here the start
    var daemon = run(settings(folder, "[log]\nfile = \"" + log + "\"\n"),
        "exec env --default-signal=HUP \"$0\" \"$@\"");
    try {
      awaitFile(daemon, folder.resolve("data"));
      assertThat(ProgramRun.of("", "kill", "-HUP", daemon.pid()).exit()).isZero();
      var lines = assertTimeoutPreemptively(LONGEST, () -> readUntil(log, " reloaded "));
      assertThat(lines).filteredOn(line -> line.contains(" ready ")).hasSize(1);
    } finally {
      end(daemon);
    }
  }

  @Test
  void filesMayHaveAnyNameUnderAnyLocale() throws Exception {
    var home = Files.createDirectory(folder.resolve("für Jürgen"));
    var settings = settings(home, "[log]\nfile = \"größe\"\n");
    for (var locale : List.of("C", "xx_XX.UTF-8")) {
      assertThat(ProgramRun.of("", "env", "LC_ALL=" + locale, posthorn, "check", "--config", settings))
          .returns(0, ProgramRun::exit);
    }
  }

  @Test
  void aWarmUpThatIsInterruptedLeavesNothingBehind() throws Exception {
    var temporary = Files.createDirectory(folder.resolve("tmp"));
    var builder = new ProcessBuilder(posthorn.toString(), "warm-up").redirectErrorStream(true);
    builder.environment().put("TMPDIR", temporary.toString());
    var warmUp = builder.start();
    try {
      awaitFileBelow(warmUp, temporary, "first/log");
      var daemons = warmUp.descendants().toList();
      assertThat(daemons).isNotEmpty();
      warmUp.destroy();
      assertThat(warmUp.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(daemons).noneMatch(ProcessHandle::isAlive);
      assertThat(temporary).isEmptyDirectory();
    } finally {
      warmUp.descendants().forEach(ProcessHandle::destroyForcibly);
      end(warmUp);
    }
  }

  private static Path settings(Path home, String more) throws IOException {
    return Files.writeString(home.resolve("posthorn.toml"), """
                                                            hostname = "mail.here.example"
                                                            data-directory = "data"
                                                            [[listener]]
                                                            address = "127.0.0.1:0"
                                                            [local]
                                                            domains = ["here.example"]
                                                            users = ["alice"]
                                                            """ + more);
  }

  /** Runs the daemon by a line of shell, in which {@code "$0" "$@"} stands for it. */
  private Process run(Path settings, String line) throws IOException {
    return new ProcessBuilder("sh", "-c", line, posthorn.toString(), "run", "--config", settings.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
  }

  private static void end(Process process) {
    process.destroyForcibly().onExit().join();
  }

  /** Waits until {@code file} is there, which {@code process} makes. */
  private static void awaitFile(Process process, Path file) throws InterruptedException {
    while (Files.notExists(file)) {
      assertThat(process.waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  /** Waits for {@code name} in the only directory that {@code process} makes in {@code folder}. */
  private static void awaitFileBelow(Process process, Path folder, String name) throws Exception {
    while (folder.toFile().list().length == 0) {
      assertThat(process.waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
    }
    awaitFile(process, folder.resolve(folder.toFile().list()[0]).resolve(name));
  }

  private static List<String> readUntil(Path file, String wanted) throws IOException {
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return reader.lines().takeWhile(line -> !line.contains(wanted)).toList();
    }
  }
}
