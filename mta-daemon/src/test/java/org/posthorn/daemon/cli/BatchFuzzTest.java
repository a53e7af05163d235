package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.daemon.Pieces;
import org.posthorn.queue.Dsn;
import org.posthorn.smtp.Reply;

/** Whatever a batch holds, it is read to its end or refused in words; messages that are skipped need no server. */
class BatchFuzzTest {
  private static final List<String> PIECES = List.of("EHLO x\r\n", "MAIL FROM:<a@b.example>\r\n",
      "RCPT TO:<c@d.example>\n",
      "DATA\r\n", "Subject: x\r\n\r\nx\r\n", ".\r\n", ".\n", "..\r\n", "RSET\r\n", "QUIT\r\n", "NOOP\r\n", "BDAT 5\r\n",
      "From: a@b.example\r\n", "Content-Type: application/batch-SMTP; required-extensions=\"8BITMIME, NOTARY\"\r\n",
      "Content-Type: text/plain\r\n", "Content-Transfer-Encoding: base64\r\n",
      "Content-Transfer-Encoding: quoted-printable\r\n", "\r\n", "TUFJTCBGUk9NOjw+DQo=\r\n", "=0D=0A", "=\r\n", "=ZZ",
      "\0", "\u00ff", "x".repeat(2000), "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n.\r\n", "AUTH PLAIN\r\n");

  static LongStream seeds() {
    return LongStream.range(0, 1000);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void readsPiecesOrRefusesThem(long seed) throws IOException {
    readsOrRefuses(Pieces.of(seed, PIECES));
  }

  @FuzzTest
  void readsOrRefuses(byte[] input) throws IOException {
    var replay = Optional.<BatchReplay>empty();
    try {
      replay = Optional.of(new BatchReplay(BatchInput.open(new ByteArrayInputStream(input)), () -> {
        throw new AssertionError("everything is skipped");
      }, new Nobody(), BatchRest.none(), Integer.MAX_VALUE));
      replay.get().run();
    } catch (Failure | IOException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\0");
    }
    if (replay.isPresent()) {
      assertThat(replay.get().done()).isBetween(0, input.length);
      replay.get().close();
    }
  }

  /** Nobody hears of messages that are skipped. */
  private static final class Nobody implements BatchReplay.Witness {
    @Override
    public void taken(int message, Reply reply) {
      throw new AssertionError("message " + message);
    }

    @Override
    public void refused(int message, int line, String what, Reply reply) {
      throw new AssertionError("message " + message);
    }

    @Override
    public Optional<Dsn> report(BatchMessage message) {
      return Optional.empty();
    }

    @Override
    public void reported(int message, Dsn report, Reply reply) {
      throw new AssertionError("message " + message);
    }
  }
}
