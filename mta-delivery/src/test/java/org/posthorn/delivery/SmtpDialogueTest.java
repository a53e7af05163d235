package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import org.junit.jupiter.api.Test;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Handover;
import org.posthorn.testkit.ScriptedServer;

class SmtpDialogueTest {
  @Test
  void sendsAMessageStepByStepToAServerWithoutExtensions() throws Exception {
    try (var outbound = Outbound.patient(); var server = ScriptedServer.start("""
                                                                              S: 220 mx.peer.example ESMTP
                                                                              C: EHLO client.origin.example
                                                                              S: 250 mx.peer.example
                                                                              C: MAIL FROM:<sender@origin.example>
                                                                              S: 250 ok
                                                                              C: RCPT TO:<a@peer.example>
                                                                              S: 250 ok
                                                                              C: DATA
                                                                              S: 354 go on
                                                                              C: <message>
                                                                              S: 250 2.0.0 taken as 4711
                                                                              C: QUIT
                                                                              S: 221 bye
                                                                              """)) {
      var attempt = outbound.deliver(Mail.to("a@peer.example"), Outbound.to(server.address()));
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOfSatisfying(Outcome.Delivered.class, delivered -> {
        assertThat(delivered.handover()).isEqualTo(Handover.NEXT_HOP);
        assertThat(delivered.diagnostic().text()).isEqualTo("250 2.0.0 taken as 4711");
      });
      assertThat(server.messages()).containsExactly(Mail.SHORT);
    }
  }

  @Test
  void sendsEverythingUpToDataInOneBatchWhenTheServerPipelines() throws Exception {
    try (var outbound = Outbound.patient();
        var server = ScriptedServer.start("""
                                          S: 220 mx.peer.example ESMTP
                                          C: EHLO client.origin.example
                                          S: 250-mx.peer.example\\n250-PIPELINING\\n250 SIZE 1000000
                                          C: MAIL FROM:<sender@origin.example> SIZE=26
                                          C: RCPT TO:<a@peer.example>
                                          C: RCPT TO:<gone@peer.example>
                                          C: DATA
                                          S: 250 ok
                                          S: 250 ok
                                          S: 550 5.1.1 no such user
                                          S: 354 go on
                                          C: <message>
                                          S: 250 taken
                                          """)) {
      var attempt = outbound.deliver(Mail.to("a@peer.example", "gone@peer.example"), Outbound.to(server.address()));
      server.assertFinished();
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Delivered.class);
      assertThat(outcome(attempt, 1)).isInstanceOf(Outcome.Failed.class);
    }
  }
}
