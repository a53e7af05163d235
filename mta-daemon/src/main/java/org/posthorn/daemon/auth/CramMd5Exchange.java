package org.posthorn.daemon.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** CRAM-MD5 (RFC 2195): needs the password itself on our side, and proves nothing of us to the client. */
final class CramMd5Exchange extends ServerFirst {
  private final Logins logins;
  private final String challenge;

  /** @param challenge {@code <unique@host>} */
  CramMd5Exchange(Logins logins, String challenge) {
    this.logins = logins;
    this.challenge = challenge;
  }

  @Override
  public SaslStep begin() {
    return new SaslStep.Challenge(challenge.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public SaslStep take(byte[] response) {
    String text = Prepared.text(response).orElse("");
    int space = text.lastIndexOf(' ');
    var login = space < 0 ? Optional.<String>empty() : Prepared.login(text.substring(0, space));
    if (login.isEmpty()) {
      return SaslStep.malformed();
    }
    byte[] claimed = text.substring(space + 1).toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
    var password = logins.clear(login.get());
    boolean isRight = MessageDigest.isEqual(claimed, digest(password.orElse("-")).getBytes(StandardCharsets.US_ASCII))
        && password.isPresent();
    return isRight ? logins.accept(Mechanism.CRAM_MD5, login.get(), "") : logins.refuse(login.get());
  }

  private String digest(String password) {
    try {
      var mac = Mac.getInstance("HmacMD5");
      mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacMD5"));
      return HexFormat.of().formatHex(mac.doFinal(challenge.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacMD5", e);
    }
  }
}
