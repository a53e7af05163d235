package org.posthorn.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One scripted peer of the suite {@code 06-smtp/client-peers/scenarios.txt}: what the sending side meets, and what must
 * become of the message.
 *
 * @param id such as {@code c-helo-fallback}
 * @param title what it is about and which RFC says so
 * @param script for {@link ScriptedServer}; empty when the scenario is not about one connection
 * @param recipients the recipients of the message; {@code a@peer.example} unless the scenario says otherwise
 * @param message what kind of message, such as {@code 8bit}; empty: any
 * @param parameters the parameters of RCPT and MAIL with which the message came, such as {@code NOTIFY=SUCCESS}
 * @param outcome what must become of it, in the suite's words
 */
public record PeerScenario(String id, String title, String script, List<String> recipients, String message,
    List<String> parameters, String outcome) {
  public PeerScenario {
    recipients = List.copyOf(recipients);
    parameters = List.copyOf(parameters);
  }

  /** Reads all scenarios of {@code file}. Throws IllegalArgumentException with the line that it does not understand. */
  public static List<PeerScenario> read(Path file) throws IOException {
    var scenarios = new ArrayList<PeerScenario>();
    var lines = new ArrayList<String>();
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("===") && !lines.isEmpty()) {
        scenarios.add(parse(lines));
        lines.clear();
      }
      if (!line.isBlank() && !line.startsWith("#")) {
        lines.add(line);
      }
    }
    if (!lines.isEmpty()) {
      scenarios.add(parse(lines));
    }
    return List.copyOf(scenarios);
  }

  private static PeerScenario parse(List<String> lines) {
    String[] head = lines.getFirst().substring("===".length()).split("\\|", 3);
    List<String> recipients = words(lines, "RCPTS:");
    var script = new StringBuilder();
    lines.stream()
        .skip(1)
        .filter(line -> !line.matches("(RCPTS|MESSAGE|RCPT-PARAM|THEN):.*"))
        .forEach(line -> script.append(line).append('\n'));
    return new PeerScenario(head[0].strip(), head[1].strip(), script.toString(),
        recipients.isEmpty() ? List.of("a@peer.example") : recipients, String.join(" ", words(lines, "MESSAGE:")),
        words(lines, "RCPT-PARAM:"), String.join(" ", words(lines, "THEN:")));
  }

  private static List<String> words(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .findFirst()
        .map(line -> Arrays.asList(line.substring(key.length()).strip().split(" +", -1)))
        .orElse(List.of());
  }

  /** Returns why a {@link ScriptedServer} cannot play it, so that a test can say so and skip it. */
  public Optional<String> unsupported() {
    if (script.isEmpty()) {
      return Optional.of(id + " is not about one connection: " + title);
    }
    return Optional.empty();
  }

  /** Starts a server that plays it once, whatever the client does behind the last line. */
  public ScriptedServer start() throws IOException {
    unsupported().ifPresent(reason -> {
      throw new IllegalStateException(reason);
    });
    boolean closes = script.strip().endsWith("CLOSE:");
    return ScriptedServer.start(closes ? script : script + "LEAVE:\n");
  }

  @Override
  public String toString() {
    return id + " | " + title;
  }
}
