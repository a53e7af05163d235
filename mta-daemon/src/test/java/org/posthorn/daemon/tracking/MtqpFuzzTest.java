package org.posthorn.daemon.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.daemon.Pieces;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.SettableClock;

/** Whatever a client of MTQP says, it hears lines of the protocol and nothing of its own, and nothing breaks. */
class MtqpFuzzTest {
  private static final List<String> PIECES = List.of("TRACK ", "<1@h.example> ", "1@h.example ", "YWJjZGVmZ2g=", "*",
      "\r\n",
      "\n", "\r", "COMMENT ", "STARTTLS ", "mail.example.org", "QUIT\r\n", "TRACK <a+0D+0Ab> YWJj\r\n", "\0", "\u00ff",
      " ", "\t", "TRACK 2@h.example YWJjZGVmZ2g=\r\n", "x".repeat(1000), "+0A-ERR/", "COMMENT x\r\n",
      "STARTTLS a..b\r\n");

  @TempDir
  private static Path folder;

  static LongStream seeds() {
    return LongStream.range(0, 500);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void answersPiecesInLines(long seed) {
    answersInLines(Pieces.of(seed, PIECES));
  }

  @FuzzTest
  void answersInLines(byte[] input) {
    var said = new ByteArrayOutputStream();
    var book = new TrackBook(folder.resolve("tracking"), () -> 2, new SettableClock(TestCertificates.NOW));
    try (var client = new Said(input, said)) {
      new MtqpDialogue(client, book, Domain.of("mx.example.org"), new TrackingCounters(), new NoTls()).run();
    } catch (IOException _) {
      // the client has gone, or sent something in front of a handshake
    }
    assertThat(said.toString(StandardCharsets.ISO_8859_1))
        .matches("(\\+OK\\+?/MTQP mx\\.example\\.org\r\nSTARTTLS\r\n\\.\r\n)([+-][ -~]*\r\n)*");
  }

  /** A connection over which everything has been said already. */
  private static final class Said extends Socket {
    private final InputStream in;
    private final OutputStream out;

    Said(byte[] said, OutputStream heard) {
      in = new ByteArrayInputStream(said);
      out = heard;
    }

    @Override
    public InputStream getInputStream() {
      return in;
    }

    @Override
    public OutputStream getOutputStream() {
      return out;
    }

    @Override
    public InetAddress getInetAddress() {
      return InetAddress.ofLiteral("198.51.100.7");
    }
  }

  private static final class NoTls implements MtqpDialogue.Encrypting {
    @Override
    public Socket encrypt(Socket plain) throws IOException {
      throw new IOException("no handshake");
    }

    @Override
    public boolean covers(Domain name) {
      return name.name().equals("mail.example.org");
    }
  }
}
