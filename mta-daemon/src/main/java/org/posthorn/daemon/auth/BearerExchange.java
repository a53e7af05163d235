package org.posthorn.daemon.auth;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.auth.token.TokenCheck;

/** OAUTHBEARER (RFC 7628) and XOAUTH2, which differ in their envelope only: a token that an identity provider has signed. */
final class BearerExchange extends ClientFirst {
  private static final String SEPARATOR = "\u0001";

  /** What the client has sent: the token, and whom it wants to be, empty for whomever the token names. */
  private record Message(String login, String token) {}

  private final Mechanism mechanism;
  private final TokenCheck tokens;
  private final Logins logins;

  BearerExchange(Mechanism mechanism, TokenCheck tokens, Logins logins) {
    this.mechanism = mechanism;
    this.tokens = tokens;
    this.logins = logins;
  }

  @Override
  public SaslStep take(byte[] response) {
    return Prepared.text(response).flatMap(this::read).map(this::check).orElseGet(SaslStep::malformed);
  }

  private Optional<Message> read(String text) {
    var parts = List.of(text.split(SEPARATOR, -1));
    if (parts.size() < 4 || !parts.getLast().isEmpty() || !parts.get(parts.size() - 2).isEmpty()) {
      return Optional.empty();
    }
    var token = parts.stream()
        .filter(part -> part.regionMatches(true, 0, "auth=Bearer ", 0, 12))
        .map(part -> part.substring(12).strip())
        .findFirst();
    return login(parts.getFirst()).flatMap(login -> token.map(found -> new Message(login, found)));
  }

  /** {@code n,a=alice@example.org,} (RFC 7628 §3.1), or {@code user=alice@example.org}. */
  private Optional<String> login(String first) {
    if (mechanism == Mechanism.XOAUTH2) {
      return first.startsWith("user=") ? Optional.of(first.substring(5)) : Optional.empty();
    }
    var header = first.split(",", -1);
    return header.length == 3 && (header[0].equals("n") || header[0].equals("y")) && header[2].isEmpty()
        && (header[1].isEmpty() || header[1].startsWith("a="))
            ? Optional.of(header[1].isEmpty() ? "" : header[1].substring(2).replace("=2C", ",").replace("=3D", "="))
            : Optional.empty();
  }

  private SaslStep check(Message message) {
    String wanted = message.login().isEmpty() ? "" : Prepared.login(message.login()).orElse("-");
    return switch (tokens.check(message.token())) {
      case TokenCheck.Result.Valid(var named) -> Prepared.login(named)
          .filter(login -> wanted.isEmpty() || wanted.equals(login))
          .map(login -> logins.acceptFromElsewhere(mechanism, login))
          .orElseGet(() -> refuse(wanted));
      case TokenCheck.Result.Invalid _ -> refuse(wanted);
      case TokenCheck.Result.Unknown _ -> new SaslStep.Failure(SaslStep.Why.UNAVAILABLE, wanted);
    };
  }

  private SaslStep refuse(String login) {
    String status = mechanism == Mechanism.XOAUTH2 ? "401" : "invalid_token";
    return new SaslStep.Rebuff(
        ("{\"status\":\"" + status + "\",\"schemes\":\"bearer\"}").getBytes(StandardCharsets.US_ASCII),
        logins.refuse(login));
  }
}
