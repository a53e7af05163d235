package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.RemoteMta;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ReplyException;

class FailurePolicyTest {
  private static final RemoteMta MX = new RemoteMta("mx.example.org", "192.0.2.1:25");

  @ParameterizedTest(name = "{1} {2} at {0}")
  @CsvSource({"RCPT, 550, 5.1.1, Failed, 5.1.1", "RCPT, 550, , Failed, 5.0.0", "RCPT, 450, 4.2.1, Deferred, 4.2.1",
      "RCPT, 552, 5.2.2, Deferred, 4.2.2", "RCPT, 552, , Deferred, 4.3.4", "RCPT, 553, , Failed, 5.1.3",
      "RCPT, 556, , Failed, 5.1.10", "MAIL, 552, , Failed, 5.3.4", "MAIL, 451, , Deferred, 4.0.0",
      "MAIL, 452, , Deferred, 4.3.1", "MAIL, 530, , Failed, 5.7.0", "END, 554, 5.7.1, Failed, 5.7.1",
      "END, 552, , Failed, 5.3.4", "GREETING, 521, , Failed, 5.3.2", "GREETING, 421, , Deferred, 4.3.2",
      "MAIL, 354, , Deferred, 4.5.0", "END, 354, , Deferred, 4.5.0", "HELLO, 502, , Failed, 5.5.0"})
  void saysWhatAReplyMeans(Stage stage, int code, String status, String outcome, String expected) {
    var reply = new Reply(code, Optional.ofNullable(status).map(EnhancedStatus::of), List.of("words"));
    var means = FailurePolicy.refused(stage, reply, MX);
    assertThat(means.getClass().getSimpleName()).isEqualTo(outcome);
    assertThat(means.diagnostic().status()).hasToString(expected);
    assertThat(means.diagnostic().remote()).contains(MX);
  }

  @Test
  void cutsALongReplyButNoCharacterInHalf() {
    String posthorn = "\ud83d\udcef";
    for (int length = 580; length < 600; length++) {
      String words = "x".repeat(length) + posthorn + " and more words".repeat(5);
      var reply = new Reply(550, Optional.empty(), List.of(words));
      String text = FailurePolicy.refused(Stage.RCPT, reply, MX).diagnostic().text();
      assertThat(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)).isEqualTo(text);
    }
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("lostConnections")
  void neverBouncesForALostConnection(IOException why, Stage stage, String status, String words) {
    var means = FailurePolicy.lost(stage, why, MX);
    assertThat(means).isInstanceOf(Outcome.Deferred.class);
    assertThat(means.diagnostic().status()).hasToString(status);
    assertThat(means.diagnostic().text()).contains(words);
  }

  static List<Object[]> lostConnections() {
    return List.of(
        new Object[]{new ConnectException("Connection refused"), Stage.CONNECT, "4.4.1", "Connection refused"},
        new Object[]{new SocketTimeoutException(), Stage.CONNECT, "4.4.1", "connecting"},
        new Object[]{new SocketTimeoutException(), Stage.GREETING, "4.4.2", "waiting for its greeting"},
        new Object[]{new EOFException(), Stage.RCPT, "4.4.2", "waiting for the reply to RCPT TO"},
        new Object[]{new SocketException("Connection reset"), Stage.CONTENT, "4.4.2", "sending the message"},
        new Object[]{new ReplyException("not a reply: x"), Stage.MAIL, "4.5.0", "not a reply: x"},
        new Object[]{new IOException("anything\nelse"), Stage.MAIL, "4.5.0", "anything?else"},
        new Object[]{new UnreadableContent("gone"), Stage.CONTENT, "4.3.0", "could not be read"},
        new Object[]{new ServerClosing(Reply.of(421, "4.3.2", "later")), Stage.DATA, "4.3.2", "421 4.3.2 later"});
  }

  @ParameterizedTest(name = "{0} {1}, some accepted: {2}")
  @CsvSource({"452, 4.5.3, true, true", "452, , true, true", "552, 5.5.3, true, true", "552, , true, true",
      "452, 4.5.3, false, false", "452, 4.2.2, true, false", "452, 4.3.1, true, false", "552, 5.2.2, true, false",
      "451, 4.5.3, true, false", "550, 5.5.3, true, false"})
  void tellsTooManyRecipientsFromAFullMailbox(int code, String status, boolean hasAccepted, boolean expected) {
    var reply = new Reply(code, Optional.ofNullable(status).map(EnhancedStatus::of), List.of("words"));
    assertThat(FailurePolicy.isTooManyRecipients(reply, hasAccepted)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "hosts said {0}")
  @CsvSource({"5.7.1, 5.7.1", "5.3.2 5.7.1, 5.7.1", "4.4.1 5.7.1, 4.4.1", "5.7.1 4.4.1, 4.4.1", "4.4.1 4.4.2, 4.4.2",
      "'', 4.4.4"})
  void isFinalOnlyWhenAllHostsSaySo(String statuses, String expected) {
    List<Outcome> obstacles = Arrays.stream(statuses.split(" ", -1))
        .filter(status -> !status.isEmpty())
        .<Outcome>map(status -> status.startsWith("5")
            ? new Outcome.Failed(Diagnostic.ours(status, "x"))
            : new Outcome.Deferred(Diagnostic.ours(status, "x")))
        .toList();
    var means = FailurePolicy.exhausted(obstacles);
    assertThat(means.diagnostic().status()).hasToString(expected);
    assertThat(means instanceof Outcome.Failed).isEqualTo(expected.startsWith("5"));
  }

  @Test
  void cutsAndCleansWhatAServerSays() {
    var reply = new Reply(550, Optional.empty(), List.of("a\r\nX-Injected: b\u0000", "y".repeat(5000)));
    String text = FailurePolicy.refused(Stage.RCPT, reply, MX).diagnostic().text();
    assertThat(text).startsWith("550 a??X-Injected: b?").hasSizeLessThan(700);
  }
}
