package org.posthorn.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One connection to a {@link ScriptedServer} and the script that it follows. Played by one thread, watched by others. */
final class Dialogue {
  private static final Pattern BDAT = Pattern.compile("(?i)BDAT +(\\d{1,9})( +LAST)? *");

  private final int number;
  private final List<Step> script;
  private final CountDownLatch release;
  private final CountDownLatch played = new CountDownLatch(1);
  private final List<String> transcript = new CopyOnWriteArrayList<>();
  private final List<String> commands = new CopyOnWriteArrayList<>();
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private volatile Optional<String> failure = Optional.empty();

  // Owned by the thread that plays.
  private String lastCommand = "";
  private final StringBuilder chunks = new StringBuilder();

  /** A failure of the client to follow the script; never leaves the dialogue. */
  private static final class OffScript extends IOException {
    private static final long serialVersionUID = 1;

    OffScript(String message) {
      super(message);
    }
  }

  Dialogue(int number, List<Step> script, CountDownLatch release) {
    this.number = number;
    this.script = script;
    this.release = release;
  }

  /** Plays the script to its end, then waits for QUIT or the end of the connection. */
  void play(Wire wire) {
    try (wire) { // which is closed when all is known: then the client may go on to ask
      playAll(wire);
    } catch (IOException _) {
      return; // it is closed as far as it can be
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      played.countDown();
    }
  }

  private void playAll(Wire wire) throws InterruptedException {
    try {
      for (Step step : script) {
        if (step instanceof Step.Hold(var time) && time.isEmpty() && next.get() == script.size() - 1) {
          played.countDown(); // the client's patience is all that is left
        }
        play(step, wire);
        next.incrementAndGet();
      }
      played.countDown();
      if (!(script.isEmpty() || script.getLast() instanceof Step.Close || script.getLast() instanceof Step.Reset)) {
        afterTheScript(wire);
      }
    } catch (OffScript e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      if (played.getCount() > 0) {
        failure = Optional.of("expected " + describe(script.get(next.get())) + "\n     but got " + e);
      }
    }
  }

  private void play(Step step, Wire wire) throws IOException, InterruptedException {
    switch (step) {
      case Step.Send(var line, var octets) -> {
        transcript.add(line);
        wire.write(octets);
      }
      case Step.Expect expected -> {
        String command = command(wire);
        if (!expected.accepts(command)) {
          throw new OffScript("expected " + describe(expected) + "\n     but got C: " + command);
        }
      }
      case Step.Message _ -> add(wire.readMessage());
      case Step.Chunk _ -> chunk(wire);
      case Step.StartTls(var certificate) -> {
        transcript.add("TLS: " + certificate);
        wire.startTls(TestTls.server(certificate));
      }
      case Step.Close _ -> wire.close();
      case Step.Reset _ -> wire.reset();
      case Step.Hold(var time) -> hold(time, wire);
      case Step.Leave _ -> leave(wire);
    }
  }

  private String command(Wire wire) throws IOException {
    lastCommand = wire.readCommand();
    commands.add(lastCommand);
    transcript.add("C: " + lastCommand);
    return lastCommand;
  }

  private void chunk(Wire wire) throws IOException {
    Matcher bdat = BDAT.matcher(lastCommand);
    if (!bdat.matches()) {
      bdat = BDAT.matcher(command(wire));
      if (!bdat.matches()) {
        throw new OffScript("expected C: BDAT <size> [LAST]\n     but got C: " + lastCommand);
      }
    }
    lastCommand = ""; // its chunk is read: another BDAT: step waits for another command
    byte[] octets = wire.readExactly(Integer.parseInt(bdat.group(1)));
    chunks.append(new String(octets, StandardCharsets.ISO_8859_1));
    transcript.add("C: (a chunk of " + octets.length + " octets)");
    if (bdat.group(2) != null) {
      messages.add(chunks.toString());
      chunks.setLength(0);
    }
  }

  private void add(byte[] message) {
    messages.add(new String(message, StandardCharsets.ISO_8859_1));
    transcript.add("C: (a message of " + message.length + " octets)");
  }

  private void hold(Optional<Duration> time, Wire wire) throws IOException, InterruptedException {
    transcript.add("HOLD:");
    if (time.isPresent()) {
      release.await(time.get().toMillis(), TimeUnit.MILLISECONDS);
    } else if (next.get() < script.size() - 1) {
      release.await();
    } else {
      wire.readToEnd();
    }
  }

  private void leave(Wire wire) throws IOException {
    played.countDown();
    try {
      command(wire);
      wire.write("421 4.3.2 the script is over\r\n".getBytes(StandardCharsets.US_ASCII));
      wire.close();
    } catch (EOFException _) {
      transcript.add("C: (closed)");
    }
  }

  private void afterTheScript(Wire wire) throws IOException {
    if (script.getLast() instanceof Step.Leave || script.getLast() instanceof Step.Hold
        || lastExpected().equals("QUIT")) {
      return;
    }
    String command;
    try {
      command = command(wire);
    } catch (IOException _) {
      return; // a client may close without QUIT, or keep the connection until the server goes
    }
    if (!command.toUpperCase(Locale.ROOT).equals("QUIT")) {
      throw new OffScript("expected nothing more\n     but got C: " + command);
    }
    wire.write("221 bye\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  private String lastExpected() {
    return script.reversed()
        .stream()
        .filter(Step.Expect.class::isInstance)
        .map(step -> ((Step.Expect) step).text())
        .findFirst()
        .orElse("");
  }

  /** Waits at most {@code limit} for the script to end, and returns what is wrong, with both sides. */
  Optional<String> problem(Duration limit) throws InterruptedException {
    boolean ended = played.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (ended && failure.isEmpty()) {
      return Optional.empty();
    }
    var lines = new ArrayList<String>();
    lines.add("connection " + number + " is off its script: " + failure
        .orElseGet(() -> "waited " + limit.toSeconds() + " s for " + describe(script.get(next.get()))));
    lines.add("so far:");
    transcript.forEach(line -> lines.add("  " + line));
    lines.add("still to come:");
    script.stream().skip(next.get()).forEach(step -> lines.add("  " + describe(step)));
    return Optional.of(String.join("\n", lines));
  }

  List<String> transcript() {
    return List.copyOf(transcript);
  }

  List<String> commands() {
    return List.copyOf(commands);
  }

  List<String> messages() {
    return List.copyOf(messages);
  }

  private static String describe(Step step) {
    return switch (step) {
      case Step.Send(var line, _) -> line;
      case Step.Expect(var text) -> "C: " + text;
      case Step.Message _ -> "C: <message>";
      case Step.Chunk _ -> "BDAT:";
      case Step.StartTls(var certificate) -> "TLS: " + certificate;
      case Step.Close _ -> "CLOSE:";
      case Step.Reset _ -> "RESET:";
      case Step.Hold _ -> "HOLD:";
      case Step.Leave _ -> "LEAVE:";
    };
  }
}
