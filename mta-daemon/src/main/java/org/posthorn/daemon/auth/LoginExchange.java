package org.posthorn.daemon.auth;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * LOGIN (draft-murchison-sasl-login): asks for the name, then for the password. Outlook sends the name at once, with AUTH,
 * and every server takes it.
 */
final class LoginExchange implements SaslExchange {
  private static final byte[] USERNAME = "Username:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PASSWORD = "Password:".getBytes(StandardCharsets.US_ASCII);

  private final Logins logins;
  private Optional<String> login = Optional.empty();

  LoginExchange(Logins logins) {
    this.logins = logins;
  }

  @Override
  public SaslStep begin() {
    return new SaslStep.Challenge(USERNAME);
  }

  @Override
  public SaslStep begin(byte[] initialResponse) {
    return initialResponse.length == 0 ? begin() : take(initialResponse);
  }

  @Override
  public SaslStep take(byte[] response) {
    var text = Prepared.text(response);
    if (text.isEmpty()) {
      return SaslStep.malformed();
    }
    if (login.isEmpty()) {
      login = text;
      return new SaslStep.Challenge(PASSWORD);
    }
    return logins.checkPassword(Mechanism.LOGIN, login.get(), text.get(), "");
  }
}
