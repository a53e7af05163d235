package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.posthorn.testkit.FreePort;

/**
 * The daemon from the archive that {@code mvn package} leaves, as a process with a home folder and an SMTP port of its own.
 * It can be stopped, killed and started again on the same home.
 */
final class PackagedDaemon implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;
  /** How long a queue may take to become empty. */
  private static final long QUEUE_PATIENCE_SECONDS = 600;
  private static final String NUMBERED_USERS = IntStream.range(0, 20)
      .mapToObj(n -> "\"user" + n + "\"")
      .collect(Collectors.joining(", "));

  private final Path installation;
  private final Path home;
  private final int port;
  private final List<String> log = new ArrayList<>(); // guarded by itself; each line wakes whoever waits
  private Process process;
  private Thread reader;

  private PackagedDaemon(Path installation, Path home, int port, Process process) {
    this.installation = installation;
    this.home = home;
    this.port = port;
    this.process = process;
    this.reader = read();
  }

  /**
   * Starts a daemon with its home in {@code folder}, local domain {@code here.example}, users alice, bob and user0 to user19, and
   * {@code more} settings; waits until it is ready.
   */
  static PackagedDaemon start(Path folder, String more) throws IOException, InterruptedException {
    return start(folder, FreePort.find(), more);
  }

  /** As {@link #start(Path, String)}, on a port chosen beforehand. */
  static PackagedDaemon start(Path folder, int port, String more) throws IOException, InterruptedException {
    var installation = unpack(folder.resolve("installation"));
    var home = Files.createDirectories(folder.resolve("home"));
    Files.writeString(home.resolve("posthorn.toml"), """
                                                     hostname = "mail.here.example"
                                                     data-directory = "%1$s/data"
                                                     [[listener]]
                                                     address = "127.0.0.1:%2$d"
                                                     kind = "mx"
                                                     [local]
                                                     domains = ["here.example"]
                                                     users = ["alice", "bob", %3$s]
                                                     maildir = "%1$s/mail/{domain}/{user}"
                                                     """.formatted(home, port, NUMBERED_USERS) + more);
    var daemon = new PackagedDaemon(installation, home, port, launch(installation, home));
    daemon.awaitReady();
    return daemon;
  }

  /** Starts the daemon again after {@link #kill} or {@link #stop}, and waits until it is ready. */
  void restart() throws IOException, InterruptedException {
    synchronized (log) {
      log.clear();
    }
    process = launch(installation, home);
    reader = read();
    awaitReady();
  }

  /** Returns the SMTP port on 127.0.0.1. */
  int port() {
    return port;
  }

  Path home() {
    return home;
  }

  /** Returns the number of the process that runs now. */
  long pid() {
    return process.pid();
  }

  /** Ends the process as a power failure would: SIGKILL, no time to clean up. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    reader.join(); // or what it said would count for the one after it
  }

  /** Asks the process to end by SIGTERM; returns its exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("still running after SIGTERM\n" + log());
    }
    reader.join();
    return process.exitValue();
  }

  /** Sends a signal by its name, such as {@code HUP}. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Runs {@code posthorn} with {@code arguments} against this daemon; returns what it prints, which must end with exit 0. */
  String command(String... arguments) throws IOException, InterruptedException {
    var result = tryCommand(arguments);
    if (result.exit() != 0) {
      throw new IllegalStateException(String.join(" ", arguments) + " ended with " + result);
    }
    return result.output();
  }

  /** What a command printed, both streams, and how it ended. */
  record CommandResult(int exit, String output) {}

  /** Runs {@code posthorn} with {@code arguments}, the configuration of this daemon added. */
  CommandResult tryCommand(String... arguments) throws IOException, InterruptedException {
    return commandWithInput("", arguments);
  }

  /** As {@link #tryCommand}, with {@code input} on standard input. */
  CommandResult commandWithInput(String input, String... arguments) throws IOException, InterruptedException {
    var line = new ArrayList<>(List.of(installation.resolve("posthorn").toString()));
    line.addAll(Arrays.asList(arguments));
    var builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("POSTHORN_CONFIG", home.resolve("posthorn.toml").toString());
    var child = builder.start();
    try (var stdin = child.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It did not want to hear all of it; its output says why.
    }
    var output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new CommandResult(child.waitFor(), output);
  }

  /** Waits until {@code count} lines of the log hold all of {@code parts}; returns them. */
  List<String> awaitLog(int count, String... parts) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    synchronized (log) {
      while (true) {
        var found = log.stream().filter(line -> Stream.of(parts).allMatch(line::contains)).toList();
        if (found.size() >= count) {
          return found;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (millis <= 0) {
          throw new AssertionError("waited for " + count + " × " + List.of(parts) + " in\n" + String.join("\n", log));
        }
        log.wait(millis);
      }
    }
  }

  /** Waits until nothing is queued any more, asking the daemon to try what is deferred at once. */
  void awaitEmptyQueue() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(QUEUE_PATIENCE_SECONDS);
    for (var waiting = list(); !waiting.isBlank(); waiting = list()) {
      assertThat(System.nanoTime()).as("time until the queue is empty, which has\n%s", waiting).isLessThan(end);
      command("queue", "retry", "--all");
    }
  }

  private String list() throws IOException, InterruptedException {
    return command("queue", "list", "--json");
  }

  /** Returns the log since the last start. */
  String log() {
    synchronized (log) {
      return String.join("\n", log);
    }
  }

  /** Returns the messages in the mailbox of {@code user}, each as stored, oldest first. */
  List<String> mailbox(String user) throws IOException {
    var folder = home.resolve("mail/here.example/" + user + "/new");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.sorted().map(PackagedDaemon::read).toList();
    }
  }

  /** Ends it, and waits until nothing of it writes to its home any more. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  private void awaitReady() throws InterruptedException {
    awaitLog(1, " ready ");
  }

  /** Returns who takes down what the process says, until it has ended. */
  private Thread read() {
    var output = process.getInputStream();
    return Thread.ofVirtual().start(() -> {
      try (var lines = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
          synchronized (log) {
            log.add(line);
            log.notifyAll();
          }
        }
      } catch (IOException _) {
        // The process has ended; what it printed before is in the log.
      }
    });
  }

  private static Process launch(Path installation, Path home) throws IOException {
    // A JVM leaves SIGHUP alone when it was started with it ignored, as under nohup.
    return new ProcessBuilder("env", "--default-signal=HUP", installation.resolve("posthorn").toString(), "run",
        "--config", home.resolve("posthorn.toml").toString()).directory(home.toFile())
        .redirectErrorStream(true)
        .start();
  }

  /** Unpacks the archive into {@code folder}, and returns it. */
  static Path unpack(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    var archive = System.getProperty("posthorn.archive");
    var tar = new ProcessBuilder("tar", "xzf", archive, "--strip-components=1", "-C", folder.toString()).inheritIO();
    if (tar.start().waitFor() != 0) {
      throw new IOException("cannot unpack " + archive);
    }
    return folder;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
