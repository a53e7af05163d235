package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.Outbound.outcome;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.dns.FixedResolver;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Attempt.SiteState;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.ScriptedServer;

/** Servers that go away, say nothing, or read nothing. */
class LostConnectionTest {
  private static final Route TO_PEER = new Route.Mx(Domain.of("peer.example"));
  private static final Mail MAIL = Mail.to("a@peer.example");
  private static final ClientTimeouts PATIENT = ClientTimeouts.all(Duration.ofSeconds(60));
  private static final String WORKING = """
                                        S: 220 mx2.peer.example
                                        C: EHLO .*
                                        S: 250 mx2.peer.example
                                        C: MAIL .*
                                        S: 250 ok
                                        C: RCPT .*
                                        S: 250 ok
                                        C: DATA
                                        S: 354 go
                                        C: <message>
                                        S: 250 taken by the next host
                                        """;
  private static final String UP_TO_THE_END = WORKING.substring(0, WORKING.indexOf("S: 250 taken"));

  @ParameterizedTest
  @ValueSource(strings = {"CLOSE:", "S: 220 x\nC: EHLO .*\nCLOSE:",
      "S: 220 x\nC: EHLO .*\nS: 250 x\nC: MAIL .*\nCLOSE:",
      "S: 220 x\nC: EHLO .*\nS: 250 x\nC: MAIL .*\nS: 421 4.3.2 going down\nCLOSE:",
      "S: 220 x\nC: EHLO .*\nS: 250 x\nC: MAIL .*\nS: 250 ok\nC: RCPT .*\nS: 421 4.3.2 going down\nCLOSE:",
      "S: 220 x\nC: EHLO .*\nS: 421 4.3.2 going down\nCLOSE:", "S: 220 x\nC: EHLO .*\nS: 450 not now\nC: QUIT\nCLOSE:",
      "RAW: HTTP/1.1 400 Bad Request\\r\\n\nCLOSE:", "S: 220 x\nC: EHLO .*\nS: 250 x\nC: MAIL .*\nS: hello there",
      "S: 220 x\nC: EHLO .*\nRESET:"})
  void triesTheNextHostInTheSameAttempt(String script) throws Exception {
    try (var server = ScriptedServer.start(script, WORKING)) {
      var attempt = deliverTo(server, PATIENT);
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Delivered.class);
      assertThat(outcome(attempt, 0).diagnostic().text()).isEqualTo("250 taken by the next host");
      assertThat(attempt.site()).isEqualTo(SiteState.REACHED);
    }
  }

  @Test
  void defersWithoutTryingAnotherHostWhenTheServerGoesAtTheFinalDot() throws Exception {
    try (var server = ScriptedServer.start(UP_TO_THE_END + "CLOSE:", WORKING)) {
      var attempt = deliverTo(server, PATIENT);
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Deferred.class);
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("4.4.2");
      assertThat(outcome(attempt, 0).diagnostic().text()).contains("reply to the end of the message");
      assertThat(attempt.site()).isEqualTo(SiteState.UNREACHED);
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void triesTheNextHostWhenTheServerRefusesTheMessageWith421() throws Exception {
    try (var server = ScriptedServer.start(UP_TO_THE_END + "S: 421 4.3.2 going down\nCLOSE:", WORKING)) {
      assertThat(outcome(deliverTo(server, PATIENT), 0)).isInstanceOf(Outcome.Delivered.class);
    }
  }

  @ParameterizedTest(name = "{0} hosts refuse at the greeting")
  @ValueSource(strings = {"521 5.3.2 no mail here", "554 5.7.1 not from you"})
  void bouncesWhenAllHostsRefuseForGood(String greeting) throws Exception {
    String script = "S: " + greeting + "\nC: QUIT";
    try (var server = ScriptedServer.start(script, script)) {
      var attempt = deliverTo(server, PATIENT);
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Failed.class);
      assertThat(outcome(attempt, 0).diagnostic().text()).isEqualTo(greeting);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void defersWhenOneHostRefusesForGoodAndAnotherForNow() throws Exception {
    try (var server = ScriptedServer.start("S: 554 no\nC: QUIT", "S: 450 4.3.2 busy\nC: QUIT")) {
      var attempt = deliverTo(server, PATIENT);
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Deferred.class);
      assertThat(attempt.site()).isEqualTo(SiteState.UNREACHED);
    }
  }

  @Test
  void defersWhenNobodyListens() throws Exception {
    try (var outbound = Outbound.with(PATIENT)) {
      var attempt = outbound.deliver(MAIL,
          Outbound.to(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), FreePort.find())));
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("4.4.1");
      assertThat(outcome(attempt, 0).diagnostic().remote()).isPresent();
      assertThat(attempt.site()).isEqualTo(SiteState.UNREACHED);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("silences")
  void waitsOnlySoLongForAReplyAndNamesTheStage(String stage, ClientTimeouts timeouts, String script) throws Exception {
    try (var server = ScriptedServer.start(script); var outbound = Outbound.with(timeouts)) {
      var attempt = outbound.deliver(MAIL, Outbound.to(server.address()));
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Deferred.class);
      assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("4.4.2");
      assertThat(outcome(attempt, 0).diagnostic().text()).contains("did not answer in time").contains(stage);
    }
  }

  static List<Object[]> silences() {
    return List.of(
        new Object[]{"its greeting", hasty("greeting"), "HOLD:"},
        new Object[]{"reply to the hello", hasty("command"), "S: 220 x\nC: EHLO .*\nHOLD:"},
        new Object[]{"reply to MAIL FROM", hasty("command"),
            "S: 220 x\nC: EHLO .*\nS: 250 x\nC: MAIL .*\nRAW: 25\nHOLD:"},
        new Object[]{"reply to RCPT TO", hasty("command"),
            "S: 220 x\nC: EHLO .*\nS: 250 x\nC: MAIL .*\nS: 250 ok\nC: RCPT .*\nHOLD:"},
        new Object[]{"reply to DATA", hasty("data-start"),
            "S: 220 x\nC: EHLO .*\nS: 250-x\\n250 PIPELINING\nC: MAIL .*\nC: RCPT .*\nC: DATA\n"
                + "S: 250 ok\\n250 ok\nHOLD:"});
  }

  /** Returns long time limits with a short one at {@code step}; not too short for the commands that are answered before. */
  private static ClientTimeouts hasty(String step) {
    var hasty = Duration.ofMillis(step.equals("command") ? 2000 : 200);
    var limits = Stream.of("connect", "greeting", "command", "data-start", "data-block", "data-end", "quit")
        .map(name -> name.equals(step) || name.equals("quit") ? hasty : Duration.ofSeconds(60))
        .toList();
    return new ClientTimeouts(limits.get(0), limits.get(1), limits.get(2), limits.get(3), limits.get(4), limits.get(5),
        limits.get(6));
  }

  @Test
  void waitsOnlySoLongForTheVerdictAndTriesNoOtherHost() throws Exception {
    try (var server = ScriptedServer.start(UP_TO_THE_END + "HOLD:", WORKING)) {
      var attempt = deliverTo(server, hasty("data-end"));
      assertThat(outcome(attempt, 0).diagnostic().text()).contains("reply to the end of the message");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void givesUpOnAServerThatDoesNotReadTheMessage() throws Exception {
    String script = UP_TO_THE_END.replace("C: <message>\n", "") + "HOLD:\nC: <message>";
    try (var server = ScriptedServer.start(script); var outbound = Outbound.with(hasty("data-block"))) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        var attempt = lane.deliver(MAIL.task(route, new Zeros(256L << 20)));
        assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("4.4.2");
        assertThat(outcome(attempt, 0).diagnostic().text()).contains("sending the message");
      }
    }
  }

  @Test
  void neverEndsAMessageThatItCannotReadToItsEnd() throws Exception {
    try (var server = ScriptedServer.start(UP_TO_THE_END.replace("C: <message>\n", "") + "HOLD:");
        var outbound = Outbound.with(PATIENT)) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        var attempt = lane.deliver(MAIL.task(route, new Torn()));
        assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Deferred.class);
        assertThat(outcome(attempt, 0).diagnostic().status()).hasToString("4.3.0");
      }
      assertThat(server.messages()).isEmpty();
    }
  }

  @Test
  void reportsAServerThatRefusesInTheMiddleOfTheMessage() throws Exception {
    String script = UP_TO_THE_END.replace("C: <message>\n", "") + "S: 552 5.3.4 too big for me\nCLOSE:";
    try (var server = ScriptedServer.start(script); var outbound = Outbound.with(PATIENT)) {
      var route = Outbound.to(server.address());
      try (var lane = outbound.open(route)) {
        var attempt = lane.deliver(MAIL.task(route, new Zeros(64L << 20)));
        assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Failed.class);
        assertThat(outcome(attempt, 0).diagnostic().text()).isEqualTo("552 5.3.4 too big for me");
        assertThat(server.connections()).isEqualTo(1);
      }
    }
  }

  @Test
  void aBugForgetsNobodyWhoHasTheMessageAlready() throws Exception {
    String script = WORKING.replace("S: 250 mx2.peer.example", "S: 250-mx2.peer.example\\n250 8BITMIME")
        .replace("C: DATA", "C: RCPT .*\nS: 452 4.5.3 too many\nC: DATA");
    var opened = new AtomicInteger();
    var content = new MessageContent() {
      @Override
      public long size() {
        return Mail.SHORT.length();
      }

      @Override
      public InputStream open() {
        if (opened.incrementAndGet() > 1) {
          throw new IllegalStateException("a bug");
        }
        return new ByteArrayInputStream(Mail.SHORT.getBytes(StandardCharsets.US_ASCII));
      }
    };
    try (var server = ScriptedServer.start(script); var outbound = Outbound.with(PATIENT)) {
      var route = Outbound.to(server.address());
      var lane = outbound.open(route);
      var attempt = lane.deliver(Mail.to("a@peer.example", "b@peer.example").task(route, content));
      assertThat(attempt.outcomes()).containsOnlyKeys(new RecipientNumber(0)); // the queue sees that one is missing
      assertThat(outcome(attempt, 0)).isInstanceOf(Outcome.Delivered.class);
      server.assertFinished(); // the connection is closed, though the lane is not
    }
  }

  @Test
  void stopsAtOnceWhenItsThreadIsInterrupted() throws Exception {
    try (var server = ScriptedServer.start(UP_TO_THE_END + "HOLD:"); var outbound = Outbound.with(PATIENT)) {
      var route = Outbound.to(server.address());
      var thrown = new AtomicReference<Object>("nothing");
      var thread = Thread.ofPlatform().daemon().start(() -> {
        try (var lane = outbound.open(route)) {
          thrown.set(lane.deliver(MAIL.task(route)));
        } catch (InterruptedException e) {
          thrown.set(e);
        }
      });
      server.assertFinished(); // the message has arrived, and the reply never will
      thread.interrupt();
      assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }
  }

  private static Attempt deliverTo(ScriptedServer server, ClientTimeouts timeouts) throws InterruptedException {
    var resolver = new FixedResolver().mx("peer.example", "10 mx1.peer.example", "20 mx2.peer.example")
        .address("mx1.peer.example", "127.0.0.1")
        .address("mx2.peer.example", "127.0.0.1");
    try (var outbound = Outbound.with(resolver, Outbound.settings(timeouts, server.address().getPort()))) {
      return outbound.deliver(MAIL, TO_PEER);
    }
  }

  /** A message too large for any socket buffer. */
  private record Zeros(long size) implements MessageContent {
    @Override
    public InputStream open() {
      return new InputStream() {
        private long left = size;

        @Override
        public int read() {
          return left-- > 0 ? '0' : -1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
          int some = (int) Math.min(left, length);
          left -= some;
          return some > 0 ? some : -1;
        }
      };
    }
  }

  /** A message that is said to be long, and is not. */
  private record Torn() implements MessageContent {
    @Override
    public long size() {
      return 1 << 20;
    }

    @Override
    public InputStream open() throws IOException {
      return new ByteArrayInputStream(Mail.SHORT.getBytes(StandardCharsets.US_ASCII));
    }
  }
}
