package org.posthorn.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthorn.testkit.AcceptingServer.Mail;

/** One connection to an {@link AcceptingServer}. For one thread. */
final class AcceptingSession {
  private static final String CLOSE = "CLOSE";
  private static final String HOLD = "HOLD";

  private final AcceptingServer server;
  private final int number;
  private final Wire wire;
  private final List<String> recipients = new ArrayList<>();
  private final StringBuilder chunks = new StringBuilder();
  private Optional<String> from = Optional.empty();
  private boolean isOpen = true;

  AcceptingSession(AcceptingServer server, int number, Wire wire) {
    this.server = server;
    this.number = number;
    this.wire = wire;
  }

  void serve() {
    try (wire) {
      answer("greeting", "220 sink.example ESMTP");
      while (isOpen) {
        String command = wire.readCommand();
        server.note(command);
        command(command);
      }
    } catch (IOException _) {
      return; // the client left, or the test closed the server
    }
  }

  private void command(String line) throws IOException {
    int space = line.indexOf(' ');
    String verb = (space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT);
    switch (verb) {
      case "HELO" -> greet(line, "250 sink.example");
      case "EHLO", "LHLO" -> greet(line, capabilities());
      case "MAIL" -> mail(line);
      case "RCPT" -> recipient(line);
      case "DATA" -> data(line);
      case "BDAT" -> chunk(line);
      case "RSET" -> greet(line, "250 2.0.0 ok");
      case "NOOP" -> answer(line, "250 2.0.0 ok");
      case "QUIT" -> {
        answer(line, "221 2.0.0 bye");
        isOpen = false;
      }
      default -> answer(line, "500 5.5.2 no such command");
    }
  }

  private String capabilities() {
    var lines = new ArrayList<String>(List.of("sink.example"));
    lines.addAll(server.extensions());
    var reply = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      reply.append(i == 0 ? "" : "\\n").append("250").append(i < lines.size() - 1 ? '-' : ' ').append(lines.get(i));
    }
    return reply.toString();
  }

  private void greet(String line, String reply) throws IOException {
    reset();
    answer(line, reply);
  }

  private void mail(String line) throws IOException {
    if (answer(line, from.isEmpty() ? "250 2.1.0 ok" : "503 5.5.1 nested MAIL")) {
      from = Optional.of(argument(line));
    }
  }

  private void recipient(String line) throws IOException {
    if (answer(line, from.isPresent() ? "250 2.1.5 ok" : "503 5.5.1 MAIL first")) {
      recipients.add(argument(line));
    }
  }

  private void data(String line) throws IOException {
    if (answer(line, recipients.isEmpty() ? "554 5.5.1 no valid recipients" : "354 go on")) {
      finish(new String(wire.readMessage(), StandardCharsets.ISO_8859_1), ".");
    }
  }

  private void chunk(String line) throws IOException {
    String[] fields = line.split(" +", 3);
    byte[] octets = wire.readExactly(Integer.parseInt(fields[1]));
    chunks.append(new String(octets, StandardCharsets.ISO_8859_1));
    if (recipients.isEmpty()) {
      answer(line, "503 5.5.1 no valid recipients");
    } else if (fields.length == 2) {
      answer(line, "250 2.0.0 more");
    } else {
      finish(chunks.toString(), line);
    }
  }

  /** Answers the end of the content: once, or by LMTP once for each recipient. */
  private void finish(String content, String line) throws IOException {
    Map<String, String> replies = new LinkedHashMap<>();
    if (server.isLmtp()) {
      recipients.forEach(recipient -> replies.put(". " + recipient, reply(". " + recipient, "250 2.0.0 taken")));
    } else {
      replies.put(line, reply(line, "250 2.0.0 taken"));
    }
    List<String> taken = recipients.stream()
        .filter(recipient -> isGood(replies.getOrDefault(server.isLmtp() ? ". " + recipient : line, "")))
        .toList();
    if (!taken.isEmpty()) { // kept before the client learns of it, so that no test looks too early
      server.take(new Mail(number, from.orElse(""), taken, content));
    }
    reset();
    for (String reply : replies.values()) {
      send(reply);
    }
  }

  private void reset() {
    from = Optional.empty();
    recipients.clear();
    chunks.setLength(0);
  }

  private static String argument(String line) {
    return line.substring(line.indexOf(':') + 1).strip();
  }

  /** Answers, and says whether what was asked for has happened. */
  private boolean answer(String line, String usual) throws IOException {
    String reply = reply(line, usual);
    send(reply);
    return isGood(reply);
  }

  private String reply(String line, String usual) {
    return server.reply(line).orElse(usual);
  }

  private static boolean isGood(String reply) {
    return reply.startsWith("2") || reply.startsWith("354");
  }

  private void send(String reply) throws IOException {
    switch (reply) {
      case CLOSE -> {
        isOpen = false;
        wire.close();
      }
      case HOLD -> {
        isOpen = false;
        wire.readToEnd();
      }
      default -> wire.write(Step.octets(reply + "\\n"));
    }
  }
}
