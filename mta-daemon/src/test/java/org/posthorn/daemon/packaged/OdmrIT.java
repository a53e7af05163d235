package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.SmtpTalk;

/** fetchmail comes for waiting mail by ATRN and hands it to a server of its own. */
class OdmrIT {
  private static final String USERS = """
                                      [[user]]
                                      login = "branch"
                                      secrets = ["{PLAIN}secret"]
                                      """;

  @TempDir
  private Path folder;

  @Test
  void fetchmailFetchesTheMailOfItsDomain() throws Exception {
    int odmr = FreePort.find();
    try (var daemon = home(odmr, "");
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
      fetchmail(odmr, branch.port(), "");
      daemon.awaitLog(1, "visit ended");
      daemon.awaitLog(2, "relay=", "here.example", "status=sent");
      daemon.awaitLog(1, "to=user0@here.example", "status=bounced", "5.3.4");
      branch.awaitLog(1, "to=alice@here.example", "status=sent");
      branch.awaitLog(1, "to=bob@here.example", "status=sent");
      daemon.awaitLog(3, "removed"); // each waits until what became of it is on disk
      assertThat(fetchmail(odmr, branch.port(), "")).contains("453");
    }
  }

  /** fetchmail has another program make TLS: by itself it does not notice more than one line in a TLS record. */
  @Test
  void mailThatNeedsTlsGoesToFetchmailUnderTls() throws Exception {
    int clear = FreePort.find();
    int encrypted = FreePort.find();
    try (var daemon = home(clear, """
                                  [[listener]]
                                  kind = "odmr"
                                  address = "127.0.0.1:%d"
                                  tls = "implicit"
                                  [delivery]
                                  tls = "encrypt"
                                  """.formatted(encrypted));
        var branch = PackagedDaemon.start(folder.resolve("branch"), "")) {
      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.mail("sender@there.example", "alice@here.example", "Subject: one\r\n\r\nx\r\n");
      }
      daemon.awaitLog(1, "status=deferred", "waits until its server comes for it");
      fetchmail(clear, branch.port(), "");
      daemon.awaitLog(1, "status=deferred", "4.7.4", "came for this mail without TLS");
      assertThat(daemon.command("queue", "list")).contains("came for this mail without TLS");
      fetchmail(encrypted, branch.port(), " plugin \"openssl s_client -quiet -connect %h:%p\"");
      daemon.awaitLog(1, "status=sent", "tls=TLSv1.3", "verified=no");
      branch.awaitLog(1, "to=alice@here.example", "status=sent");
      assertThat(daemon.command("status")).contains("odmr         127.0.0.1:" + clear + ", 127.0.0.1:" + encrypted
          + ": 2 connections, 0 messages taken");
    }
  }

  @Test
  void mailOfABrokenTransactionStaysInTheQueue() throws Exception {
    int odmr = FreePort.find();
    try (var daemon = PackagedDaemon.start(folder, """
                                                   [relay]
                                                   xclient-networks = ["127.0.0.1"]
                                                   [[odmr]]
                                                   user = "branch"
                                                   domains = ["branch.example"]
                                                   [[listener]]
                                                   kind = "odmr"
                                                   address = "127.0.0.1:%d"
                                                   """.formatted(odmr))) {
      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.mail("sender@there.example", "anyone@branch.example", "Subject: one\r\n\r\nx\r\n");
      }
      daemon.awaitLog(1, "status=deferred", "waits until its server comes for it");
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), odmr);
          var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
        socket.setSoTimeout(60_000);
        for (String said : List.of("XCLIENT LOGIN=branch", "ATRN branch.example",
            "XCLIENT LOGIN=branch HELO=branch.example",
            "ATRN branch.example", "220 branch.example ESMTP", "250 branch.example")) {
          lines.readLine();
          socket.getOutputStream().write((said + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(lines.readLine()).startsWith("MAIL FROM:<sender@there.example>");
      }
      daemon.awaitLog(1, "visit ended");
      daemon.awaitLog(1, "to=anyone@branch.example", "status=deferred", "lost connection");
      assertThat(daemon.command("queue", "list")).contains("anyone@branch.example");
    }
  }

  /** Starts a daemon that has mail for a branch, which comes for it at {@code port}. */
  private PackagedDaemon home(int port, String more) throws Exception {
    Files.createDirectories(folder.resolve("home"));
    Files.writeString(folder.resolve("home/users.toml"), USERS);
    return PackagedDaemon.start(folder, """
                                        [auth]
                                        users-file = "users.toml"
                                        mechanisms = ["CRAM-MD5"]
                                        [[odmr]]
                                        user = "branch"
                                        domains = ["here.example"]
                                        [[listener]]
                                        kind = "odmr"
                                        address = "127.0.0.1:%d"
                                        """.formatted(port) + more);
  }

  private String fetchmail(int port, int ownPort, String options) throws Exception {
    var settings = folder.resolve("fetchmailrc");
    Files.writeString(settings,
        "poll 127.0.0.1 protocol ODMR service %d%s\n  user branch password secret smtphost 127.0.0.1/%d fetchdomains here.example\n"
            .formatted(port, options, ownPort));
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-------"));
    var fetchmail = new ProcessBuilder(Needs.program("fetchmail").toString(), "-v", "-f", settings.toString(),
        "--pidfile", folder.resolve("pid").toString(), "--sslproto", "").redirectErrorStream(true).start();
    var output = new String(fetchmail.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    fetchmail.waitFor();
    return output;
  }
}
