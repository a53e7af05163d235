package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.PostfixPeer;
import org.posthorn.testkit.SmtpTalk;

/** Servers in front of us that speak for their clients: swaks by XCLIENT and the PROXY protocol, Postfix by XFORWARD. */
class FrontEndIT {
  private static final String FRONT_ENDS = """
                                           [relay]
                                           xclient-networks = ["127.0.0.1"]
                                           xforward-networks = ["127.0.0.1"]
                                           """;
  @TempDir
  private Path folder;

  @Test
  void swaksPassesOnItsClientByXclient() throws Exception {
    try (var daemon = PackagedDaemon.start(folder, FRONT_ENDS)) {
      swaks(daemon.port(), "--xclient-addr", "198.51.100.9", "--xclient-name", "spike.example", "--xclient-helo",
          "called.example");
      daemon.awaitLog(1, " accepted ", "client=spike.example[198.51.100.9]");
      daemon.awaitLog(1, "to=alice@here.example", "status=sent");
      assertThat(daemon.mailbox("alice")).singleElement().asString().contains("(spike.example [198.51.100.9])");
    }
  }

  @Test
  void swaksPassesOnItsClientByTheProxyProtocol() throws Exception {
    int port = FreePort.find();
    try (var daemon = PackagedDaemon.start(folder, """
                                                   [[listener]]
                                                   address = "127.0.0.1:%d"
                                                   proxy-networks = ["127.0.0.1"]
                                                   [dns]
                                                   servers = ["127.0.0.1:9"]
                                                   """.formatted(port))) {
      for (String version : new String[]{"1", "2"}) {
        swaks(port, "--proxy-version", version, "--proxy-family", version.equals("1") ? "TCP4" : "AF_INET",
            "--proxy-source", "198.51.100." + version, "--proxy-source-port", "4000", "--proxy-dest", "127.0.0.1",
            "--proxy-dest-port", "25", "--proxy-protocol", "STREAM", "--proxy-command", "PROXY");
        daemon.awaitLog(1, " accepted ", "[198.51.100." + version + "]");
      }
    }
  }

  @Test
  void postfixPassesOnItsClientByXforward() throws Exception {
    int port = FreePort.find();
    try (var postfix = PostfixPeer.start(port, "smtp_send_xforward_command = yes\n");
        var daemon = PackagedDaemon.start(folder, port, FRONT_ENDS);
        var talk = SmtpTalk.greet(postfix.port())) {
      talk.mail("sender@there.example", "alice@here.example", "Subject: x\r\n\r\nx\r\n");
      daemon.awaitLog(1, " accepted ", "orig_client=", "[127.0.0.1]", "orig_queue_id=", "orig_proto=");
    }
  }

  private static void swaks(int port, String... more) throws Exception {
    var line = new ArrayList<>(List.of(Needs.program("swaks").toString(), "--server", "127.0.0.1",
        "--port", Integer.toString(port), "--from", "s@there.example", "--to", "alice@here.example"));
    line.addAll(List.of(more));
    var swaks = new ProcessBuilder(line).redirectErrorStream(true).start();
    var output = new String(swaks.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(swaks.waitFor()).as(output).isZero();
  }
}
