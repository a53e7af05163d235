package org.posthorn.daemon.auth;

import java.util.Arrays;
import java.util.Optional;

/** PLAIN (RFC 4616): {@code authzid NUL authcid NUL password}. */
final class PlainExchange extends ClientFirst {
  private final Logins logins;

  PlainExchange(Logins logins) {
    this.logins = logins;
  }

  @Override
  public SaslStep take(byte[] response) {
    int first = indexOfNul(response, 0);
    int second = first < 0 ? -1 : indexOfNul(response, first + 1);
    if (second < 0) {
      return SaslStep.malformed();
    }
    Optional<String> authzid = text(response, 0, first);
    Optional<String> login = text(response, first + 1, second);
    Optional<String> password = text(response, second + 1, response.length);
    if (authzid.isEmpty() || login.isEmpty() || password.isEmpty()) {
      return SaslStep.malformed();
    }
    return logins.checkPassword(Mechanism.PLAIN, login.get(), password.get(), authzid.get());
  }

  private static Optional<String> text(byte[] octets, int from, int to) {
    return Prepared.text(Arrays.copyOfRange(octets, from, to));
  }

  private static int indexOfNul(byte[] octets, int from) {
    for (int i = from; i < octets.length; i++) {
      if (octets[i] == 0) {
        return i;
      }
    }
    return -1;
  }
}
