package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds the packaged daemon against the dialogues that others wrote, with their own runner: on 25 with AUTH, and those about
 * AUTH on a submission port too. Cases that differ, or that the runner cannot try, stand in
 * {@code dialogue-differences.tsv}, each with its reason; a case that stands there and passes fails too.
 */
class DialogueSuiteIT {
  private static final String SUITE = "06-smtp/dialogues";
  private static final String ALICE = "alice@here.example";
  private static final String PASSWORD = "wonderland";
  private static final Path ABOUT_AUTH = Path.of("08-auth.txt");
  private static final Path OTHER_EXTENSIONS = Path.of("12-other-extensions.txt");

  @TempDir
  private Path folder;

  @Test
  void answersEveryDialogueAsTheSuiteWantsItButForTheDifferencesWithAReason() throws Exception {
    var python = Needs.program("python3");
    var suite = Needs.suite(SUITE);
    List<Path> sources;
    try (var files = Files.list(suite.resolve("src"))) {
      sources = files.sorted().toList();
    }
    int submission = FreePort.find();
    var owners = Files.writeString(folder.resolve("owners"), "* since=2001-01-01\n");
    // Every source has a mailbox of its own, so that all can run side by side.
    try (var daemon = PackagedDaemon.start(folder, """
                                                   owners-file = "%s"
                                                   [relay]
                                                   trusted-networks = ["192.0.2.0/24"]
                                                   [limits]
                                                   connections-per-client = 200
                                                   message-size = "16MB"
                                                   [auth]
                                                   users-file = "users.toml"
                                                   on-mx = true
                                                   failure-delay = "0s"
                                                   password-wait = "1m"
                                                   failures-per-client = 1000
                                                   failures-per-user = 1000
                                                   [[listener]]
                                                   address = "127.0.0.1:%d"
                                                   kind = "submission"
                                                   """.formatted(owners, submission));
        var runs = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(daemon.commandWithInput(PASSWORD + "\n", "user", "add", ALICE).exit()).isZero();
      var results = new ArrayList<Callable<Map<String, String>>>();
      var aboutAuth = suite.resolve("src").resolve(ABOUT_AUTH);
      results.add(() -> run(python, suite, aboutAuth, "user19", daemon, submission, "port=submission"));
      var others = suite.resolve("src").resolve(OTHER_EXTENSIONS);
      results.add(() -> run(python, suite, others, "user20", daemon, submission, "port=submission", "--only",
          "futurerelease"));
      for (int n = 0; n < sources.size(); n++) {
        var source = sources.get(n);
        var user = "user" + n;
        results.add(() -> run(python, suite, source, user, daemon, daemon.port(), "relay-sink"));
      }
      var failed = new TreeMap<String, String>();
      for (var result : runs.invokeAll(results)) {
        failed.putAll(result.get());
      }
      assertThat(failed.keySet()).as("failed: %s", failed).isEqualTo(differences().keySet());
    }
  }

  private Map<String, String> run(Path python, Path suite, Path source, String user, PackagedDaemon daemon,
      int port, String have, String... more) throws IOException, InterruptedException {
    var report = folder.resolve(user + ".json");
    var mailbox = Files.createDirectories(daemon.home().resolve("mail/here.example/" + user));
    var output = folder.resolve(user + ".out");
    var command = new ArrayList<>(List.of(python.toString(), suite.resolve("run_dialogues.py").toString(), "--port",
        Integer.toString(port), "--user", ALICE, "--password", PASSWORD, "--have", have, "--domain", "here.example",
        "--rcpt", user + "@here.example", "--maildir",
        mailbox.toString(), "--settle", "0.5", "--timeout", "60", "--json", report.toString(), source.toString()));
    command.addAll(List.of(more));
    var process = new ProcessBuilder(command).redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    assertThat(process.waitFor()).as(() -> read(output)).isZero();
    var failed = new TreeMap<String, String>();
    for (var result : JsonMapper.shared().readTree(read(report))) {
      var message = result.get("message").asString();
      boolean isForSubmission = message.equals("FUTURERELEASE"); // which is tried on that port, where it is announced
      if (!result.get("status").asString().matches("pass|manual") && !isForSubmission) {
        failed.put(result.get("id").asString(), message);
      }
    }
    return failed;
  }

  private static Map<String, String> differences() throws IOException {
    try (var resource = DialogueSuiteIT.class.getResourceAsStream("dialogue-differences.tsv")) {
      return new String(Objects.requireNonNull(resource).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", 2))
          .collect(Collectors.toMap(fields -> fields[0], fields -> fields[1]));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
