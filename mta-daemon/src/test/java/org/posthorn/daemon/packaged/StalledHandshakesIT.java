package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;

/** A thousand clients that begin TLS and do not go on cost the packaged daemon little, and others nothing. */
class StalledHandshakesIT {
  private static final int STALLED = 1000;
  private static final String HALF_A_HELLO = "\u0016\u0003\u0001\u0001\u0000\u0001\u0000\u0000\u00fc\u0003\u0003";

  @TempDir
  private Path folder;

  @Test
  void doNotDelayAWellBehavedClient() throws Exception {
    var swaks = Needs.program("swaks").toString();
    int submissions = FreePort.find();
    var stalled = new ArrayList<Socket>();
    try (var daemon = PackagedDaemon.start(folder, """
                                                   [[listener]]
                                                   address = "127.0.0.1:%d"
                                                   kind = "submissions"
                                                   [limits]
                                                   connections = 3000
                                                   handshake-timeout = "1h"
                                                   """.formatted(submissions))) {
      for (int i = 0; i < STALLED; i++) {
        stalled.add(stall(i % 2 == 0 ? submissions : daemon.port(), i % 2 == 0, i % (HALF_A_HELLO.length() + 1)));
      }
      var mail = new ProcessBuilder(swaks, "--server", "127.0.0.1", "--port", Integer.toString(daemon.port()), "--tls",
          "--timeout", "60", "--from", "sender@elsewhere.example", "--to", "alice@here.example")
          .redirectErrorStream(true)
          .start();
      mail.getOutputStream().close();
      var output = new String(mail.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(mail.waitFor()).as(output).isZero();
      daemon.awaitLog(1, " accepted ", "proto=ESMTPS");
      assertThat(daemon.command("status")).contains("mail.here.example");
    } finally {
      for (var socket : stalled) {
        socket.close();
      }
    }
  }

  /** Connects, and stops {@code octets} into the handshake. */
  private static Socket stall(int port, boolean isImplicit, int octets) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    var out = socket.getOutputStream();
    if (!isImplicit) {
      out.write("EHLO client.example\r\nSTARTTLS\r\n".getBytes(StandardCharsets.US_ASCII));
      var heard = new StringBuilder();
      while (heard.indexOf("220 2.0.0") < 0) {
        int octet = socket.getInputStream().read();
        assertThat(octet).as("after %s", heard).isNotNegative();
        heard.append((char) octet);
      }
    }
    out.write(HALF_A_HELLO.substring(0, octets).getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }
}
