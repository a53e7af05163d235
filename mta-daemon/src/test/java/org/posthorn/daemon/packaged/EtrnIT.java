package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.SmtpTalk;

/** fetchmail asks for waiting mail by ETRN. */
class EtrnIT {
  @TempDir
  private Path folder;

  @Test
  void fetchmailHasWaitingMailSent() throws Exception {
    int gate = FreePort.find();
    try (var daemon = PackagedDaemon.start(folder, """
                                                   [[route]]
                                                   domain = "here.example"
                                                   via = "smtp://127.0.0.1:%d"
                                                   [on-demand]
                                                   etrn-domains = ["here.example"]
                                                   """.formatted(gate))) {
      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.mail("sender@there.example", "alice@here.example", "Subject: x\r\n\r\nx\r\n");
      }
      daemon.awaitLog(1, "to=alice@here.example", "status=deferred");
      try (var server = PackagedDaemon.start(folder.resolve("gate"), gate, "")) {
        fetchmail(daemon.port());
        daemon.awaitLog(1, " ETRN ", "node=here.example", "messages=1");
        daemon.awaitLog(1, "to=alice@here.example", "status=sent");
        server.awaitLog(1, "to=alice@here.example", "status=sent");
      }
    }
  }

  private void fetchmail(int port) throws Exception {
    var settings = folder.resolve("fetchmailrc");
    Files.writeString(settings,
        "poll 127.0.0.1 protocol ETRN service %d\n  smtphost here.example fetchdomains here.example\n"
            .formatted(port));
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-------"));
    var fetchmail = new ProcessBuilder(Needs.program("fetchmail").toString(), "-v", "-f", settings.toString(),
        "--pidfile", folder.resolve("pid").toString(), "--nosslcertck", "--sslproto", "").redirectErrorStream(true)
        .start();
    var output = new String(fetchmail.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    fetchmail.waitFor();
    assertThat(output).contains("253");
  }
}
