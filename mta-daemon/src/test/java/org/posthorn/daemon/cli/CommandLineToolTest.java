package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.admin.RunningAdmin;
import org.posthorn.daemon.config.Problem;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.StoreException;

class CommandLineToolTest {
  @TempDir
  private Path directory;

  @Test
  void runsTheDaemonWithTheSettings() throws IOException {
    var file = Files.writeString(directory.resolve("p.toml"), "hostname = \"mail.example.org\"\n");
    var run = CommandRun.of("run", "--config", file.toString());
    assertThat(run).isEqualTo(new CommandRun(0, "running mail.example.org by " + file + "\n", ""));
    assertThat(CommandRun.of("", Map.of("POSTHORN_CONFIG", file.toString()), "run")).isEqualTo(run);
  }

  @Test
  void aSystemThatGivesNothingMoreIsOneSentence() {
    var why = new IOException("Too many open files");
    assertThat(CommandRun.ofDaemon((_, _) -> {
      throw new IllegalStateException("failed to create a child event loop", why);
    }, "run")).isEqualTo(new CommandRun(1, "", "posthorn: failed: java.lang.IllegalStateException:"
        + " failed to create a child event loop: Too many open files\n"));
    assertThat(CommandRun.ofDaemon((_, _) -> {
      throw new OutOfMemoryError("unable to create native thread");
    }, "run")).isEqualTo(new CommandRun(1, "", "posthorn: failed: java.lang.OutOfMemoryError:"
        + " unable to create native thread\n"));
  }

  @Test
  void namesTheFileThatItCannotOpen() {
    assertThat(CommandRun.ofDaemon((_, _) -> {
      throw new SpoolException("cannot open the spool /data/spool", new AccessDeniedException("/data/spool/lock"));
    }, "run").err()).isEqualTo("posthorn: cannot open the spool /data/spool: /data/spool/lock: permission denied\n");
    assertThat(CommandRun.ofDaemon((_, _) -> {
      throw new StoreException("cannot open the index", new SQLException(new IOException("No space left on device")));
    }, "run").err()).isEqualTo("posthorn: cannot open the index: No space left on device\n");
    assertThat(CommandRun.ofDaemon((_, _) -> {
      throw new FileAlreadyExistsException("/data");
    }, "run").err()).isEqualTo("posthorn: /data: there is something else in its place\n");
  }

  @Test
  void checksSettings() throws IOException {
    var file = Files.writeString(directory.resolve("p.toml"),
        "data-directory = \"data\"\n[local]\nusers = [\"alice\"]\n");
    assertThat(CommandRun.of("check", "--config", file.toString())).isEqualTo(new CommandRun(0, file + ": ok\n", ""));
    Files.writeString(file, "hostnam = \"x\"\n[retry]\nfirst = 5\n");
    var run = CommandRun.of("check", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines()).hasSize(2).allMatch(line -> line.startsWith("posthorn: " + file + ":"));
  }

  @ParameterizedTest(name = "data in {0}, the log in {1}: {2}")
  @CsvSource(delimiter = '|', value = {"data | data/log | ''", "new/data | new/data/log | ''", "new/data | log | ''",
      "data | /dev/stdout | ''",
      "file | log | 1:1: \"data-directory\" must be a directory that * can write in, or make; *file is no directory",
      "file/below | log | 1:1: \"data-directory\" must be a directory*; */file is no directory",
      "data | nowhere/log | 3:1: \"log.file\" must be a file that * can write, in a directory that is there; there is no */nowhere",
      "data | data | 3:1: \"log.file\" must be a file*; */data is a directory",
      "data | file/log | 3:1: \"log.file\" must be a file*; */file is no directory",
      "data | others/log | 3:1: \"log.file\" must be a file*; */others may not be written"})
  void checksWhereTheDaemonWrites(String data, String log, String problem) throws IOException {
    var file = Files.writeString(directory.resolve("p.toml"),
        "data-directory = \"" + data + "\"\n[log]\nfile = \"" + log + "\"\n");
    Files.createFile(directory.resolve("file"));
    var others = Files.createDirectory(directory.resolve("others"));
    giveAway(others, Files.createDirectory(directory.resolve("data")));
    var run = CommandRun.of("check", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(problem.isEmpty() ? 0 : 2);
    assertThat(run.err().strip()).matches(problem.isEmpty()
        ? ""
        : "\\Qposthorn: " + file + ":" + problem.replace("*", "\\E.*\\Q") + "\\E");
    assertThat(directory.resolve("new")).doesNotExist();
    assertThat(directory.resolve("log")).doesNotExist();
  }

  /** Root has its daemon write there; anybody else is the one who may not write. */
  private static void giveAway(Path others, Path data) throws IOException {
    try {
      Files.setOwner(data, data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    } catch (FileSystemException _) {
      Files.setPosixFilePermissions(others, PosixFilePermissions.fromString("r-xr-xr-x"));
    }
  }

  @ParameterizedTest(name = "posthorn {0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "'' | name a command: run, check, status,",
      "nonsense | there is no command \"nonsense\" (posthorn --help tells more)",
      "status --nonsense | unknown option: '--nonsense' (posthorn status --help tells more)",
      "queue | name a command: list, show, cat,",
      "queue nonsense | there is no command \"nonsense\" (posthorn queue --help tells more)",
      "status nonsense | one argument too many: \"nonsense\" (posthorn status --help tells more)",
      "queue show | missing required parameter: 'ID' (posthorn queue show --help tells more)",
      "queue show x/y | not a queue id: \"x/y\"", "queue delete | that means every message in the queue",
      "queue hold ../x | not a queue id: \"../x\"", "send | missing required option: '--to=ADDRESS'",
      "send --to nobody | not an address: \"nobody\"", "stop --wait soon | --wait must be a duration",
      "check --config /nowhere | /nowhere: cannot be read: there is no such file"})
  void refusesWhatMakesNoSenseInOneSentence(String arguments, String message) {
    var run = CommandRun.of(arguments.equals("''") ? new String[0] : arguments.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("posthorn: " + message).hasLineCount(1);
  }

  @ParameterizedTest(name = "posthorn {0} --help")
  @ValueSource(strings = {"", "run", "check", "status", "reload", "stop", "queue", "queue list", "queue show",
      "queue cat", "queue retry", "queue hold", "queue release", "queue bounce", "queue delete", "queue destinations",
      "queue pause", "queue resume", "queue rebuild", "route", "send", "completion", "version"})
  void explainsEachCommand(String command) {
    var run = CommandRun.of((command + " --help").strip().split(" "));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith(("Usage: posthorn " + command).stripTrailing()).contains("--help");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void completes() {
    assertThat(CommandRun.of("completion").out()).startsWith("#!/usr/bin/env bash").contains("queue", "--dry-run");
  }

  @Test
  void saysThatTheDaemonIsDown() {
    var socket = directory.resolve("admin.sock").toString();
    var run = CommandRun.of("status", "--socket", socket);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("posthorn: no daemon answers at " + socket).hasLineCount(1);
  }

  @Test
  void tellsHowTheDaemonIs() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var run = CommandRun.of("status", "--socket", admin.socket().toString());
      assertThat(run.exitCode()).isZero();
      assertThat(run.out()).startsWith("posthorn 0.1.0 takes mail, process ")
          .contains(", up 1h0m\n",
              "listens on   127.0.0.1:2525 as mail.example.org\n", "data         /data, 5.0 GB free\n",
              "checkpoints  2 transactions that broke off or just ended, 4.2 KB\n",
              "certificate  mail.example.org (EC) until ", ", /etc/mail.pem\n             ! it expires in 3 days\n",
              "mx           127.0.0.1:2525: 7 connections, 5 messages taken, 2.0 KB, 2 refusals since start\n",
              "tracking     127.0.0.1:1038: 9 messages tracked, 1 clients now, 3 questions answered, 2 about nothing known since start\n",
              "visit        [192.0.2.7][192.0.2.7:4711] for odmr:branch.example, 1h0m, TLSv1.3, 12 messages handed over\n",
              "queue        0 being tried, 0 ready, 0 waiting, 0 held\n");
      assertThat(CommandRun.of("status", "--json", "--socket", admin.socket().toString()).out())
          .contains("\"state\" : \"SERVING\"");
    }
  }

  @Test
  void listsTheQueueForPeopleAndForPrograms() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var socket = admin.socket().toString();
      assertThat(CommandRun.of("queue", "list", "--socket", socket).out()).isEqualTo("Nothing waits.\n");
      var id = admin.queueDeferred("alice@example.org", "bob@example.net");
      assertThat(CommandRun.of("queue", "list", "--socket", socket).out())
          .isEqualTo("""
                     ID                    AGE      SIZE  SENDER, RECIPIENTS
                     %s     1h0m    1.0 KB  alice@example.org
                         → bob@example.net  deferred, 1 attempt, next in 4m0s: 451 4.3.0 try later??evil
                     1 message, 1.0 KB.
                     """.formatted(id));
      assertThat(CommandRun.of("queue", "list", "--json", "--socket", socket).out())
          .startsWith("{\"id\":\"" + id + "\",")
          .hasLineCount(1);
    }
  }

  @Test
  void actsOnTheQueue() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var socket = admin.socket().toString();
      var id = admin.queueDeferred("alice@example.org", "bob@example.net").value();
      assertThat(CommandRun.of("queue", "hold", id, "--dry-run", "--socket", socket).out())
          .isEqualTo("1 message would be held.\n");
      assertThat(CommandRun.of("queue", "hold", id, "--socket", socket).out()).isEqualTo("1 message held.\n");
      assertThat(CommandRun.of("queue", "show", id, "--socket", socket).out()).contains("id        " + id,
          "from      alice@example.org by local", "waits     → bob@example.net  held");
      assertThat(CommandRun.of("queue", "cat", id, "--socket", socket).out()).isEqualTo("Subject: x\r\n\r\ny\r\n");
      assertThat(CommandRun.of("queue", "delete", "--all", "--socket", socket).out()).isEqualTo("1 message deleted.\n");
      assertThat(CommandRun.of("queue", "list", "--age", "soon", "--socket", socket)).isEqualTo(
          new CommandRun(2, "", "posthorn: not a duration: \"soon\" (such as 30m, 4h or 2d)\n"));
      assertThat(CommandRun.of("queue", "hold", id, "--socket", socket))
          .isEqualTo(new CommandRun(1, "0 messages held.\n", "posthorn: no message " + id + " is in the queue\n"));
      var gone = CommandRun.of("queue", "show", id, "--socket", socket);
      assertThat(gone).isEqualTo(new CommandRun(1, "", "posthorn: no message " + id + " is in the queue\n"));
    }
  }

  @Test
  void warnsWhenADestinationIsPausedThatNothingGoesTo() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var socket = admin.socket().toString();
      admin.queueDeferred("alice@example.org", "bob@example.net");
      var known = CommandRun.of("queue", "destinations", "--json", "--socket", socket);
      assertThat(known.out()).contains("example.net");
      assertThat(CommandRun.of("queue", "pause", "exmaple.net", "--socket", socket))
          .isEqualTo(new CommandRun(0, "Mail to exmaple.net waits.\n",
              "posthorn: no mail is known that goes to exmaple.net; \"posthorn queue destinations\" and"
                  + " \"posthorn route\" tell the names\n"));
      assertThat(CommandRun.of("queue", "pause", "example.net", "--socket", socket).err()).isEmpty();
    }
  }

  @Test
  void pausesADestination() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var socket = admin.socket().toString();
      assertThat(CommandRun.of("queue", "pause", "example.net", "--for", "1h", "--reason", "moving", "--socket", socket)
          .out()).isEqualTo("Mail to example.net waits for 1h.\n");
      assertThat(CommandRun.of("queue", "destinations", "--socket", socket).out()).contains("paused", "moving");
      assertThat(CommandRun.of("queue", "resume", "example.net", "--socket", socket).out())
          .isEqualTo("Mail to example.net goes on.\n");
    }
  }

  @Test
  void showsARoute() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var run = CommandRun.of("route", "postmaster@localhost", "--socket", admin.socket().toString());
      assertThat(run.out()).isEqualTo("""
                                      postmaster@localhost: accepted from anyone
                                        alias   → alice@localhost
                                        route   local, because localhost is a local domain
                                      """);
    }
  }

  @Test
  void findsTheDaemonThoughTheUsersFileIsWrong() throws IOException {
    var users = Files.writeString(directory.resolve("users.toml"), "[[user]]\nlogin = 1\n");
    try (var admin = new RunningAdmin(directory)) {
      var settings = Files.writeString(directory.resolve("p.toml"),
          "[auth]\nusers-file = \"%s\"\n[admin]\nsocket = \"%s\"\n"
              .formatted(users, admin.socket()));
      assertThat(CommandRun.of("check", "--config", settings.toString()).exitCode()).isEqualTo(2);
      assertThat(CommandRun.of("status", "--config", settings.toString()).exitCode()).isZero();
    }
  }

  @Test
  void reloadsAndStops() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var socket = admin.socket().toString();
      assertThat(CommandRun.of("reload", "--socket", socket))
          .isEqualTo(new CommandRun(0, "The settings are in force.\n", ""));
      admin.leaveToTheNextStart("listener", "dns");
      assertThat(CommandRun.of("reload", "--socket", socket).out())
          .isEqualTo("The settings are in force, but for what takes effect at the next start: listener, dns.\n");
      admin.failReload(new Problem("posthorn.toml", 3, 1, "unknown key \"x\""));
      var run = CommandRun.of("reload", "--socket", socket);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .isEqualTo("posthorn: nothing was changed:\nposthorn: posthorn.toml:3:1: unknown key \"x\"\n");
      assertThat(CommandRun.of("stop", "--socket", socket).exitCode()).isZero();
      assertThat(admin.isStopped()).isTrue();
    }
  }
}
