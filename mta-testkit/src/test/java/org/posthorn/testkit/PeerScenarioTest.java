package org.posthorn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PeerScenarioTest {
  private static final String SUITE = """
                                      # comment
                                      === c-one | RFC 5321: first | own
                                      RCPTS: a@peer.example b@peer.example
                                      RCPT-PARAM: NOTIFY=FAILURE RET=HDRS
                                      MESSAGE: 8bit
                                      S: 220 x
                                      C: EHLO .*
                                      THEN: a delivered, b bounced
                                      === c-two | RFC 3207 | own
                                      S: 220 x
                                      TLS:
                                      THEN: session goes on
                                      === c-three | RFC 5321 5.1 | own
                                      THEN: order kept
                                      """;

  @Test
  void readsHeadScriptAndConditions(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("scenarios.txt"), SUITE);
    List<PeerScenario> scenarios = PeerScenario.read(file);
    assertThat(scenarios).hasSize(3)
        .first()
        .isEqualTo(new PeerScenario("c-one", "RFC 5321: first", "S: 220 x\nC: EHLO .*\n",
            List.of("a@peer.example", "b@peer.example"), "8bit", List.of("NOTIFY=FAILURE", "RET=HDRS"),
            "a delivered, b bounced"));
    assertThat(scenarios.get(0).unsupported()).isEmpty();
    assertThat(scenarios.get(1).unsupported()).isEmpty();
    assertThat(scenarios.get(2).unsupported()).isPresent();
    assertThat(scenarios.get(2).recipients()).containsExactly("a@peer.example");
  }

  @Test
  void letsTheClientGoOnBehindTheScript(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("scenarios.txt"),
        "=== c-one | x | own\nS: 220 x\nC: EHLO .*\nS: 250 x\n");
    try (var server = PeerScenario.read(file).getFirst().start();
        var client = new ScriptedServerTest.Client(server.address())) {
      client.send("EHLO me\r\nMAIL FROM:<>\r\n");
      assertThat(client.readToEnd()).isEqualTo("220 x\r\n250 x\r\n421 4.3.2 the script is over\r\n");
      server.assertFinished();
    }
  }

  @Test
  void understandsTheWholeSuite() throws Exception {
    Optional<Path> file = Suites.find("06-smtp/client-peers/scenarios.txt");
    assumeTrue(file.isPresent(), "the test suites are not here: set -Dposthorn.suites");
    List<PeerScenario> scenarios = PeerScenario.read(file.orElseThrow());
    assertThat(scenarios).hasSizeGreaterThan(20).extracting(PeerScenario::outcome).doesNotContain("");
    for (PeerScenario scenario : scenarios) {
      if (scenario.unsupported().isEmpty()) {
        scenario.start().close();
      }
    }
  }
}
