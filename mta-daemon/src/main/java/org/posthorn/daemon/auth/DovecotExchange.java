package org.posthorn.daemon.auth;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An exchange that a Dovecot conducts: what the client says is handed on, and what Dovecot says handed back. */
final class DovecotExchange implements SaslExchange {
  private static final Logger log = LoggerFactory.getLogger(DovecotExchange.class);
  private static final String ID = "1"; // the only exchange on its connection

  private final DovecotSocket socket;
  private final Mechanism mechanism;
  private final Protection protection;
  private final InetAddress client;
  private final Logins logins;
  private Optional<DovecotSocket.Connection> connection = Optional.empty();

  DovecotExchange(DovecotSocket socket, Mechanism mechanism, Protection protection, InetAddress client, Logins logins) {
    this.socket = socket;
    this.mechanism = mechanism;
    this.protection = protection;
    this.client = client;
    this.logins = logins;
  }

  @Override
  public SaslStep begin() {
    return start("");
  }

  @Override
  public SaslStep begin(byte[] initialResponse) {
    return start("\tresp=" + Base64.getEncoder().encodeToString(initialResponse)); // must be the last parameter
  }

  private SaslStep start(String response) {
    try {
      var open = socket.open();
      connection = Optional.of(open);
      open.send("AUTH\t" + ID + "\t" + mechanism.saslName() + "\tservice=smtp\trip=" + client.getHostAddress()
          + (protection.encrypted() ? "\tsecured" : "") + response);
      return follow(open.receive());
    } catch (IOException e) {
      return unavailable(e);
    }
  }

  @Override
  public SaslStep take(byte[] response) {
    try {
      var open = connection.orElseThrow(() -> new IOException("it was never begun"));
      open.send("CONT\t" + ID + "\t" + Base64.getEncoder().encodeToString(response));
      return follow(open.receive());
    } catch (IOException e) {
      return unavailable(e);
    }
  }

  private SaslStep follow(List<String> words) throws IOException {
    if (!words.get(1).equals(ID)) {
      throw new IOException("it answers something else: " + words.getFirst());
    }
    return switch (words.getFirst()) {
      case "CONT" -> new SaslStep.Challenge(decode(words.size() > 2 ? words.get(2) : ""));
      case "OK" -> user(words).map(login -> logins.acceptFromElsewhere(mechanism, login))
          .orElseThrow(() -> new IOException("it does not say who logged in"));
      case "FAIL" -> words.contains("temp")
          ? new SaslStep.Failure(SaslStep.Why.UNAVAILABLE, user(words).orElse(""))
          : logins.refuse(user(words).orElse(""));
      default -> throw new IOException("it says " + words.getFirst());
    };
  }

  private static Optional<String> user(List<String> words) {
    return words.stream()
        .filter(word -> word.startsWith("user="))
        .findFirst()
        .flatMap(word -> Prepared.login(word.substring("user=".length())));
  }

  private static byte[] decode(String base64) throws IOException {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IOException("its challenge is not base64", e);
    }
  }

  private SaslStep unavailable(IOException why) {
    log.atError()
        .addKeyValue("dovecot", socket)
        .addKeyValue("problem", String.valueOf(why.getMessage()))
        .log("cannot ask who a client is");
    close();
    return new SaslStep.Failure(SaslStep.Why.UNAVAILABLE, "");
  }

  @Override
  public void close() {
    connection.ifPresent(DovecotSocket.Connection::close);
  }
}
