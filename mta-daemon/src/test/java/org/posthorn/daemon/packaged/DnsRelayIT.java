package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.AcceptingServer;
import org.posthorn.testkit.BindServer;
import org.posthorn.testkit.SmtpTalk;

/** Mail finds its way by the DNS of a real name server: preferences, CNAME, implicit MX, null MX, missing domains. */
@TestInstance(Lifecycle.PER_CLASS)
class DnsRelayIT {
  private static final String ZONE = """
                                     @          IN MX 10 down.there.example.
                                     @          IN MX 20 up.there.example.
                                     down       IN A  127.0.0.2
                                     up         IN A  127.0.0.1
                                     alias      IN CNAME there.example.
                                     implicit   IN A  127.0.0.1
                                     null       IN MX 0 .
                                     self       IN MX 10 mail.here.example.
                                     """;

  private AcceptingServer sink;
  private BindServer bind;
  private PackagedDaemon daemon;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    bind = BindServer.start(Map.of("there.example", ZONE));
    sink = AcceptingServer.start("PIPELINING", "8BITMIME", "SIZE 1000000");
    daemon = PackagedDaemon.start(folder, """
                                          [dns]
                                          servers = ["127.0.0.1:%d"]
                                          [delivery]
                                          port = %d
                                          """.formatted(bind.address().getPort(), sink.address().getPort()));
  }

  @AfterAll
  void stop() throws IOException {
    daemon.close();
    sink.close();
    bind.close();
  }

  @Test
  void theSecondMailHostTakesWhatTheFirstCannot() throws Exception {
    send("a@there.example");
    assertThat(daemon.awaitLog(1, "to=a@there.example", "status=sent")).singleElement()
        .asString()
        .contains("relay=up.there.example[127.0.0.1:");
  }

  @Test
  void aCnameLeadsToTheMailHostsOfItsTarget() throws Exception {
    send("b@alias.there.example");
    daemon.awaitLog(1, "to=b@alias.there.example", "status=sent");
  }

  @Test
  void aDomainWithoutMxIsItsOwnMailHost() throws Exception {
    send("c@implicit.there.example");
    daemon.awaitLog(1, "to=c@implicit.there.example", "status=sent");
  }

  @Test
  void aNullMxBouncesAtOnce() throws Exception {
    bounces("d@null.there.example", "dsn=5.1.10");
  }

  @Test
  void aMissingDomainBouncesAtOnce() throws Exception {
    bounces("e@missing.there.example", "dsn=5.1.2");
  }

  @Test
  void aLoopToOurselvesBounces() throws Exception {
    bounces("f@self.there.example", "dsn=5.4.6");
  }

  @Test
  void aZoneThatTheServerDoesNotServeIsTriedAgainLater() throws Exception {
    send("g@refused.example");
    daemon.awaitLog(1, "to=g@refused.example", "status=deferred", "dsn=4.4.3");
    assertThat(daemon.command("queue", "list", "--recipient", "g@refused.example")).contains("g@refused.example",
        "next");
    assertThat(daemon.command("route", "g@refused.example")).contains("4.4.3");
  }

  @Test
  void theCommandLineShowsWhereMailWouldGo() throws Exception {
    assertThat(daemon.command("route", "a@there.example")).containsSubsequence("down.there.example",
        "up.there.example");
  }

  private void bounces(String recipient, String status) throws IOException, InterruptedException {
    send(recipient);
    daemon.awaitLog(1, "to=" + recipient, "status=bounced", status);
    daemon.awaitLog(1, "report", "kind=failed");
  }

  private void send(String recipient) throws IOException {
    try (var talk = SmtpTalk.greet(daemon.port())) {
      talk.mail("alice@here.example", recipient, "Subject: hello\r\n\r\nbody\r\n");
    }
  }
}
