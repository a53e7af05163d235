package org.posthorn.daemon.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.Messages;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.config.Problem;

class AdminServerTest {
  @TempDir
  private Path directory;

  @Test
  void lendsItsSocketToNobodyElseAndRemovesIt() throws IOException {
    try (var admin = new RunningAdmin(directory); var files = Files.list(directory)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(admin.socket()))).isEqualTo("rw-------");
      assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith(".adm"));
    }
    assertThat(directory.resolve("admin.sock")).doesNotExist();
  }

  @Test
  void replacesASocketThatAnEarlierDaemonLeft() throws IOException {
    try (var earlier = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      earlier.bind(UnixDomainSocketAddress.of(directory.resolve("admin.sock")));
    }
    try (var admin = new RunningAdmin(directory)) {
      assertThat(ask(admin, "GET", "/health", Map.of())).isEqualTo("{\"health\":\"serving\"}");
    }
  }

  @Test
  void tellsHowTheDaemonIs() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var answer = ask(admin, "GET", "/status", Map.of());
      var status = Json.read(answer.getBytes(StandardCharsets.UTF_8), StatusView.class);
      assertThat(status.daemon().state()).isEqualTo(DaemonStatus.State.SERVING);
      assertThat(status.daemon().startedAt()).isEqualTo(RunningAdmin.QUEUED_AT);
      assertThat(status.queue().waiting()).isZero();
    }
  }

  @Test
  void listsWhatWaits() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var first = admin.queueDeferred("alice@example.org", "bob@example.net", "carol@example.com");
      var second = admin.queueDeferred("", "dave@example.net");
      assertThat(ask(admin, "GET", "/queue", Map.of("id", List.of(first.value())))).isEqualTo("{\"id\":\"" + first
          + "\",\"queuedAt\":\"2026-11-22T07:00:00Z\",\"bytes\":1000,\"sender\":\"alice@example.org\",\"recipients\":["
          + "{\"address\":\"bob@example.net\",\"destination\":\"example.net\",\"state\":\"deferred\",\"site\":\"open\","
          + "\"attempts\":1,\"due\":\"2026-11-22T08:04:00Z\",\"lastReply\":\"451 4.3.0 try later\\r\\nevil\"},"
          + "{\"address\":\"carol@example.com\",\"destination\":\"example.com\",\"state\":\"scheduled\","
          + "\"site\":\"open\",\"attempts\":0,\"due\":\"2026-11-22T08:04:00Z\",\"lastReply\":null}]}\n");
      assertThat(ask(admin, "GET", "/queue", Map.of()).lines()).hasSize(2);
      assertThat(ask(admin, "GET", "/queue", Map.of("sender", List.of("")))).contains(second.value())
          .doesNotContain(first.value());
      assertThat(ask(admin, "GET", "/queue", Map.of("age", List.of("2h")))).isEmpty();
    }
  }

  @Test
  void sendsAListingOfAnyLength() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      for (int i = 0; i < 2000; i++) {
        admin.queueDeferred("a@example.org", "b" + i + "@example.net");
      }
      assertThat(ask(admin, "GET", "/queue", Map.of()).lines()).hasSize(2000);
    }
  }

  @Test
  void showsAMessageAndItsContent() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var id = admin.queueDeferred("alice@example.org", "bob@example.net");
      assertThat(ask(admin, "GET", "/queue/" + id, Map.of())).contains("\"client\":\"local\"",
          "\"waiting\":[{\"address\":\"bob@");
      assertThat(ask(admin, "GET", "/queue/" + id + "/content", Map.of())).isEqualTo("Subject: x\r\n\r\ny\r\n");
    }
  }

  @Test
  void tellsHowAMessageCame() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      var id = admin.queueDeferred("""
                                   Received: from a (b [192.0.2.1])
                                   \t(using TLSv1.3 with cipher X)
                                   \tby mx (Posthorn) with ESMTPSA id 1
                                   \tfor <bob@example.net>;
                                   \tSun, 22 Nov 2026 08:00:00 +0000
                                   Received: from elsewhere
                                   Subject: x

                                   """, Messages.envelope("alice@example.org", "bob@example.net"));
      assertThat(ask(admin, "GET", "/queue/" + id, Map.of())).contains("\"trace\":\"from a (b [192.0.2.1])"
          + " (using TLSv1.3 with cipher X) by mx (Posthorn) with ESMTPSA id 1 for <bob@example.net>\"");
      var ours = admin.queueDeferred("Subject: x\nReceived: from elsewhere\n\n",
          Messages.envelope("alice@example.org", "bob@example.net"));
      assertThat(ask(admin, "GET", "/queue/" + ours, Map.of())).doesNotContain("elsewhere");
    }
  }

  @Test
  void actsOnWhatIsMeantAndOnEverythingOnlyWhenTold() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      admin.queueDeferred("alice@example.org", "bob@example.net");
      var other = admin.queueDeferred("alice@example.org", "carol@example.com");
      var domain = Map.of("domain", List.of("example.net"));
      var dry = Map.of("domain", List.of("example.net"), "dry-run", List.of("true"));
      assertThat(ask(admin, "POST", "/queue/delete", dry)).isEqualTo("{\"messages\":1,\"missing\":[]}");
      assertThat(ask(admin, "POST", "/queue/delete", domain)).isEqualTo("{\"messages\":1,\"missing\":[]}");
      assertThat(ask(admin, "GET", "/queue", Map.of())).contains(other.value()).doesNotContain("example.net");
      assertThatThrownBy(() -> ask(admin, "POST", "/queue/delete", Map.of())).isInstanceOf(AdminException.class)
          .hasMessage("that means every message in the queue: name ids or a filter, or say --all");
      assertThat(ask(admin, "POST", "/queue/hold", Map.of("all", List.of("true"))))
          .isEqualTo("{\"messages\":1,\"missing\":[]}");
      assertThat(ask(admin, "GET", "/queue", Map.of("held", List.of("true")))).contains("\"state\":\"held\"");
    }
  }

  @Test
  void pausesAndResumesADestination() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      ask(admin, "POST", "/queue/pause",
          Map.of("destination", List.of("example.net"), "for", List.of("1h"), "reason", List.of("full disk")));
      assertThat(ask(admin, "GET", "/queue/destinations", Map.of())).contains("\"name\":\"example.net\","
          + "\"state\":\"paused\",\"until\":\"2026-11-22T09:00:00Z\",\"reason\":\"full disk\"");
      ask(admin, "POST", "/queue/resume", Map.of("destination", List.of("example.net")));
      assertThat(ask(admin, "GET", "/queue/destinations", Map.of())).doesNotContain("paused");
    }
  }

  @Test
  void tellsWhereMailWouldGo() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      assertThat(route(admin, "alice@localhost")).contains("\"permission\":\"anyone\"", "\"route\":\"local\"");
      assertThat(route(admin, "postmaster")).contains("\"address\":\"alice@localhost\"");
      assertThat(route(admin, "bob@example.net")).contains("\"permission\":\"trusted clients only\"", "no DNS here");
      assertThat(route(admin, "nobody@localhost")).contains("nobody: 550 5.1.1");
    }
  }

  @Test
  void reloadsAndSaysWhatIsWrong() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      assertThat(ask(admin, "POST", "/reload", Map.of())).isEqualTo("{\"done\":true,\"untilRestart\":[]}");
      admin.failReload(new Problem("posthorn.toml", 3, 1, "unknown key"));
      assertThatThrownBy(() -> ask(admin, "POST", "/reload", Map.of()))
          .hasMessage("nothing was changed:\nposthorn.toml:3:1: unknown key");
    }
  }

  @Test
  void showsAndReleasesWhoIsBannedFromLoggingIn() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      assertThat(ask(admin, "GET", "/bans", Map.of())).isEqualTo("[]");
      admin.ban("198.51.100.7");
      assertThat(ask(admin, "GET", "/bans", Map.of()))
          .isEqualTo("[{\"who\":\"198.51.100.7\",\"until\":\"2026-11-22T08:15:00Z\"}]");
      ask(admin, "POST", "/bans/release", Map.of("who", List.of("198.51.100.7")));
      assertThat(ask(admin, "GET", "/bans", Map.of())).isEqualTo("[]");
    }
  }

  @Test
  void showsAndReleasesWhatWasSent() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      admin.send("alice");
      assertThat(ask(admin, "GET", "/limits", Map.of())).isEqualTo(
          "[{\"who\":\"alice\",\"used\":{\"messages-per-day\":1,\"messages-per-hour\":1,\"new-recipients-per-day\":0,"
              + "\"recipients-per-day\":1,\"recipients-per-hour\":1},\"limitReached\":null}]");
      ask(admin, "POST", "/limits/release", Map.of("who", List.of("alice")));
      assertThat(ask(admin, "GET", "/limits", Map.of())).isEqualTo("[]");
    }
  }

  @Test
  void stops() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      ask(admin, "POST", "/stop", Map.of());
      assertThat(admin.isStopped()).isTrue();
    }
  }

  @ParameterizedTest(name = "{0} {1}: {4}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "GET | /nothing | x | y | this daemon does not know GET /nothing",
      "POST | /status | x | y | this daemon does not know POST /status",
      "GET | /queue/ | x | y | not a queue id: \"\" (they have 16 letters and digits)",
      "GET | /queue/aaaaaaaaaaaaaaaa | x | y | no message aaaaaaaaaaaaaaaa is in the queue",
      "GET | /queue/aaaaaaaaaaaaaaaa/content | x | y | no message aaaaaaaaaaaaaaaa is in the queue",
      "GET | /queue/aaaaaaaaaaaaaaaa/other | x | y | this daemon does not know GET /queue/aaaaaaaaaaaaaaaa/other",
      "GET | /queue | age | soon | not a duration: \"soon\" (such as 30m, 4h or 2d)",
      "GET | /queue | age | 999999999999w | not a duration: \"999999999999w\" (such as 30m, 4h or 2d)",
      "GET | /queue | id | ../x | not a queue id: \"../x\" (they have 16 letters and digits)",
      "POST | /limits/release | who | bob | nothing was counted for bob",
      "POST | /bans/release | who | 192.0.2.1 | no failed login is known of 192.0.2.1",
      "POST | /queue/pause | x | y | which destination?", "GET | /route | address | a b | not an address: \"a b\""})
  void saysInOneSentenceWhatMakesNoSense(String method, String path, String key, String value, String message)
      throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      assertThatThrownBy(() -> ask(admin, method, path, Map.of(key, List.of(value)))).isInstanceOf(AdminException.class)
          .hasMessage(message);
    }
  }

  @Test
  void saysThatNoDaemonAnswers() {
    assertThatThrownBy(() -> new AdminClient(directory.resolve("no.sock")).ask("GET", "/status", Map.of()))
        .isInstanceOf(AdminException.class)
        .hasMessageStartingWith("no daemon answers at " + directory);
  }

  @Test
  void servesMetricsByTcpAndNothingElse() throws IOException {
    try (var admin = new RunningAdmin(directory)) {
      assertThat(overTcp(admin, "/metrics")).startsWith("HTTP/1.1 200 OK").contains("# TYPE posthorn_heap_bytes gauge");
      assertThat(overTcp(admin, "/health")).startsWith("HTTP/1.1 200 OK");
      assertThat(overTcp(admin, "/status")).startsWith("HTTP/1.1 404 ");
    }
  }

  private static String route(RunningAdmin admin, String address) throws IOException {
    return ask(admin, "GET", "/route", Map.of("address", List.of(address)));
  }

  private static String overTcp(RunningAdmin admin, String path) throws IOException {
    try (var socket = new Socket(admin.metricsAddress().getAddress(), admin.metricsAddress().getPort())) {
      socket.getOutputStream()
          .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String ask(RunningAdmin admin, String method, String path, Map<String, List<String>> query)
      throws IOException {
    try (var body = new AdminClient(admin.socket()).ask(method, path, query)) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
