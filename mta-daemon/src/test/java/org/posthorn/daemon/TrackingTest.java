package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.testkit.SmtpTalk;

/** MTRK (RFC 3885) is offered while the tracking server listens, and only then. */
final class TrackingTest {
  private static final String ON = "[tracking]\naddress = \"127.0.0.1:%d\"\n";

  @TempDir
  private Path directory;

  @Test
  void followsTheSettingsWhenTheyAreReadAgain() throws Exception {
    try (var mta = RunningMta.start(directory, "")) {
      assertThat(hello(mta)).doesNotContain("MTRK");
      mta.reload(ON.formatted(0), "");
      assertThat(hello(mta)).contains("250-MTRK");
      assertThat(mta.status().tracking().addresses()).singleElement().asString().startsWith("127.0.0.1:");
      int port = port(mta);
      assertThat(greeting(port)).startsWith("+OK+/MTQP mail.example.org");
      mta.reload("", "");
      assertThat(hello(mta)).doesNotContain("MTRK");
      assertThat(mta.status().tracking().addresses()).isEmpty();
      assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> greeting(port));
    }
  }

  @Test
  void staysAsItWasWhereItCannotListen() throws Exception {
    try (var occupied = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        var mta = RunningMta.start(directory, ON.formatted(0))) {
      int port = port(mta);
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> mta.reload(ON.formatted(occupied.getLocalPort()), ""))
          .withMessageContaining("for tracking");
      assertThat(hello(mta)).contains("250-MTRK");
      assertThat(greeting(port)).startsWith("+OK+/MTQP");
    }
  }

  @Test
  void theLogNamesWhatIsTrackedAndSolicited() throws Exception {
    try (var mta = RunningMta.start(directory, ON.formatted(0)); var talk = mta.greet()) {
      talk.say(
          "MAIL FROM:<carol@far.example> ENVID=order-7@far.example MTRK=oB9kJ3sTm5Kv3mTTqKlbAYvmJ0s SOLICIT=net.example:ADV",
          "250");
      talk.say("RCPT TO:<alice@example.org>", "250");
      talk.say("DATA", "354");
      talk.say("Subject: x\r\n\r\nx\r\n.", "250");
      assertThat(mta.awaitLog("accepted"))
          .containsPattern("accepted .* solicit=net.example:ADV mtrk=order-7@far.example ");
      mta.awaitMailbox("alice", 1);
      assertThat(mta.status().tracking().messages()).isOne();
    }
  }

  private static int port(RunningMta mta) {
    var address = mta.status().tracking().addresses().getFirst();
    return Integer.parseInt(address.substring(address.indexOf(':') + 1));
  }

  private static String greeting(int port) throws IOException {
    try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.setSoTimeout(60_000);
      return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }
  }

  private static String hello(RunningMta mta) throws IOException {
    try (var talk = SmtpTalk.connect(mta.port(0))) {
      talk.expect("220");
      return talk.say("EHLO client.example", "250");
    }
  }
}
