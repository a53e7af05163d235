package org.posthorn.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A server that plays a script to each client and notices every deviation. The first script is for the first
 * connection, and so on; a connection beyond the last script is a deviation. One step a line:
 *
 * <pre>
 * S: 250-mx.example\n250 SIZE   sends the text with CRLF; \n begins the next line, \xNN is an octet
 * RAW: 250 half a li            sends without CRLF; \r and \n are CR and LF
 * C: MAIL FROM:&lt;a@example.org&gt;  this command must come: equal, or matching as a regular expression
 * C*: .*                        any command may come
 * C: &lt;message&gt;                  reads content up to the final dot; DATA: is the same
 * BDAT:                         reads the chunk that the last command announced (or waits for the BDAT command itself)
 * TLS: expired                  makes a TLS handshake with that certificate of {@link TestTls}; without a name, with peer
 * CLOSE:                        drops the connection; RESET: does it with a TCP reset
 * HOLD:                         says nothing until {@link #release()}, or until the client closes when it is the last line
 * HOLD 2:                       says nothing for 2 seconds
 * LEAVE:                        whatever the client does from here on is all right; it is told 421
 * </pre>
 *
 * <p>After the last line a client may send QUIT or close. Empty lines and lines that begin with # are skipped. Clients may
 * pipeline. Nothing here waits longer than {@link #PATIENCE}. Safe for use by many threads.
 */
public final class ScriptedServer implements AutoCloseable {
  /** How long {@link #assertFinished()} waits for the client. */
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Acceptor acceptor;
  private final List<Dialogue> dialogues = new ArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);

  private ScriptedServer(Acceptor acceptor, List<String> scripts) {
    this.acceptor = acceptor;
    for (String script : scripts) {
      dialogues.add(new Dialogue(dialogues.size() + 1, Step.parse(script), release));
    }
    acceptor.start(this::serve);
  }

  /** Listens on a free port of 127.0.0.1, with a script for each successive connection. */
  public static ScriptedServer start(String... scripts) throws IOException {
    return new ScriptedServer(Acceptor.onLoopback(), Arrays.asList(scripts));
  }

  /** Listens on a Unix socket, which {@link #close()} removes. */
  public static ScriptedServer startUnix(Path socket, String... scripts) throws IOException {
    return new ScriptedServer(Acceptor.onUnixSocket(socket), Arrays.asList(scripts));
  }

  private void serve(int number, Wire wire) {
    if (number <= dialogues.size()) {
      dialogues.get(number - 1).play(wire);
      return;
    }
    try (wire) {
      wire.reset();
    } catch (IOException _) {
      return; // the client was faster
    }
  }

  /** Returns where a server on TCP listens. */
  public InetSocketAddress address() {
    return acceptor.address();
  }

  /** Lets every {@code HOLD:} go on, now and later. */
  public void release() {
    release.countDown();
  }

  /** Returns how many connections have come. */
  public int connections() {
    return acceptor.connections();
  }

  /** Returns the commands of all connections so far, without CRLF, in the order of the scripts. */
  public List<String> commands() {
    return dialogues.stream().flatMap(dialogue -> dialogue.commands().stream()).toList();
  }

  /** Returns the messages taken so far, unstuffed, each octet as one char (ISO-8859-1). */
  public List<String> messages() {
    return dialogues.stream().flatMap(dialogue -> dialogue.messages().stream()).toList();
  }

  /** Returns both sides of connection {@code number}, counted from 1, as lines with {@code S:} and {@code C:}. */
  public List<String> transcript(int number) {
    return dialogues.get(number - 1).transcript();
  }

  /** Waits for all scripts to end; throws an AssertionError with both sides when a client went off its script. */
  public void assertFinished() throws InterruptedException {
    for (Dialogue dialogue : dialogues) {
      dialogue.problem(PATIENCE)
          .ifPresent(problem -> {
            throw new AssertionError(problem);
          });
    }
    if (connections() > dialogues.size()) {
      throw new AssertionError(connections() + " connections, but scripts for only " + dialogues.size());
    }
  }

  @Override
  public void close() throws IOException {
    release.countDown();
    acceptor.close();
  }
}
