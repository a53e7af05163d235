package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Handover;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.testkit.ScriptedServer;

class LmtpDialogueTest {
  private static final Mail MAIL = Mail.to("a@peer.example", "b@peer.example", "c@peer.example");
  private static final String SCRIPT = """
                                       S: 220 lmtp.peer.example LMTP
                                       C: LHLO client.origin.example
                                       S: 250-lmtp.peer.example\\n250 PIPELINING
                                       C: MAIL FROM:<sender@origin.example>
                                       C: RCPT TO:<a@peer.example>
                                       C: RCPT TO:<b@peer.example>
                                       C: RCPT TO:<c@peer.example>
                                       C: DATA
                                       S: 250 ok\\n250 ok\\n550 5.1.1 no such user\\n250 ok\\n354 go
                                       C: <message>
                                       S: 250 2.0.0 stored
                                       S: 452 4.2.2 mailbox full
                                       """;

  @Test
  void takesAReplyForEachAcceptedRecipient() throws Exception {
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(SCRIPT)) {
      var address = server.address();
      var route = new Route.Lmtp(new AddressLiteral(address.getAddress()), address.getPort());
      var attempt = outbound.deliver(MAIL, route);
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOfSatisfying(Outcome.Delivered.class,
          delivered -> assertThat(delivered.handover()).isEqualTo(Handover.MAILBOX));
      assertThat(outcome(attempt, 1)).isInstanceOf(Outcome.Failed.class);
      assertThat(outcome(attempt, 2).diagnostic().text()).isEqualTo("452 4.2.2 mailbox full");
    }
  }

  @Test
  void speaksOverAUnixSocket(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("lmtp");
    try (var outbound = Outbound.patient(); var server = ScriptedServer.startUnix(socket, SCRIPT)) {
      var attempt = outbound.deliver(MAIL, new Route.LmtpSocket(socket));
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Delivered.class);
      assertThat(outcome(attempt, 0).diagnostic().remote()).hasToString("Optional[localhost[" + socket + "]]");
    }
  }

  @Test
  void settlesWhatItKnowsWhenTheServerGoesBetweenTheReplies() throws Exception {
    String script = SCRIPT.replace("S: 452 4.2.2 mailbox full\n", "CLOSE:\n");
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(script)) {
      var address = server.address();
      var attempt = outbound.deliver(MAIL, new Route.Lmtp(new AddressLiteral(address.getAddress()), address.getPort()));
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Delivered.class);
      assertThat(outcome(attempt, 1)).isInstanceOf(Outcome.Failed.class);
      assertThat(outcome(attempt, 2)).isInstanceOf(Outcome.Deferred.class);
    }
  }

  @Test
  void settlesWhatItKnowsWhenItIsInterruptedBetweenTheReplies() throws Exception {
    String script = SCRIPT.replace("S: 452 4.2.2 mailbox full\n", "HOLD:\n");
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start(script)) {
      var address = server.address();
      var route = new Route.Lmtp(new AddressLiteral(address.getAddress()), address.getPort());
      var attempt = new CompletableFuture<Attempt>();
      var thread = Thread.ofPlatform().daemon().start(() -> {
        try (var lane = outbound.open(route)) {
          attempt.complete(lane.deliver(MAIL.task(route)));
        } catch (InterruptedException e) {
          attempt.completeExceptionally(e);
        }
      });
      server.assertFinished();
      thread.interrupt();
      var known = attempt.get(60, TimeUnit.SECONDS);
      assertThat(outcome(known, 1)).isInstanceOf(Outcome.Failed.class);
      assertThat(outcome(known, 2)).isInstanceOf(Outcome.Deferred.class);
    }
  }

  @Test
  void doesNotSayHeloToAServerThatKnowsNoLhlo() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start("S: 220 x\nC: LHLO .*\nS: 500 what?\nC: QUIT")) {
      var address = server.address();
      var attempt = outbound.deliver(MAIL, new Route.Lmtp(new AddressLiteral(address.getAddress()), address.getPort()));
      server.assertFinished();
      assertThat(outcome(attempt, 0).diagnostic().text()).isEqualTo("500 what?");
      assertThat(outcome(attempt, 0)).as("the settings are wrong, not the mail").isInstanceOf(Outcome.Deferred.class);
    }
  }

  @Test
  void defersWhenTheSocketIsNotThere(@TempDir Path folder) throws Exception {
    try (var outbound = Outbound.patient()) {
      var attempt = outbound.deliver(MAIL, new Route.LmtpSocket(folder.resolve("nobody")));
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Deferred.class);
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("4.4.1");
    }
  }
}
