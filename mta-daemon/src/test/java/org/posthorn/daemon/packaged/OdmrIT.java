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

/** fetchmail comes for waiting mail by ATRN and hands it to a server of its own. */
class OdmrIT {
  @TempDir
  private Path folder;

  @Test
  void fetchmailFetchesTheMailOfItsDomain() throws Exception {
    int odmr = FreePort.find();
    Files.createDirectories(folder.resolve("home"));
    Files.writeString(folder.resolve("home/users.toml"), """
                                                         [[user]]
                                                         login = "branch"
                                                         secrets = ["{PLAIN}secret"]
                                                         """);
    try (var daemon = PackagedDaemon.start(folder, """
                                                   [auth]
                                                   users-file = "users.toml"
                                                   mechanisms = ["CRAM-MD5"]
                                                   [[odmr]]
                                                   user = "branch"
                                                   domains = ["here.example"]
                                                   [[listener]]
                                                   kind = "odmr"
                                                   address = "127.0.0.1:%d"
                                                   """.formatted(odmr));
        var branch = PackagedDaemon.start(folder.resolve("branch"), """
                                                                    [limits]
                                                                    message-size = "64KB"
                                                                    """)) {
      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.mail("sender@there.example", "alice@here.example", "Subject: one\r\n\r\nx\r\n");
        talk.mail("sender@there.example", "bob@here.example", "Subject: two\r\n\r\nx\r\n");
        talk.mail("sender@there.example", "user0@here.example", "Subject: too big\r\n\r\n" + "x\r\n".repeat(30_000));
      }
      daemon.awaitLog(3, "status=deferred", "waits until its server comes for it");
      var output = fetchmail(odmr, branch.port());
      assertThat(daemon.log()).as(output).contains("visit ended");
      daemon.awaitLog(2, "relay=", "here.example", "status=sent");
      daemon.awaitLog(1, "to=user0@here.example", "status=bounced", "5.3.4");
      branch.awaitLog(1, "to=alice@here.example", "status=sent");
      branch.awaitLog(1, "to=bob@here.example", "status=sent");
      assertThat(fetchmail(odmr, branch.port())).contains("453");
    }
  }

  private String fetchmail(int port, int ownPort) throws Exception {
    var settings = folder.resolve("fetchmailrc");
    Files.writeString(settings,
        "poll 127.0.0.1 protocol ODMR service %d\n  user branch password secret smtphost 127.0.0.1/%d fetchdomains here.example\n"
            .formatted(port, ownPort));
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-------"));
    var fetchmail = new ProcessBuilder(Needs.program("fetchmail").toString(), "-v", "-f", settings.toString(),
        "--pidfile", folder.resolve("pid").toString(), "--sslproto", "").redirectErrorStream(true).start();
    var output = new String(fetchmail.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    fetchmail.waitFor();
    return output;
  }
}
