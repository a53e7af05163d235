package org.posthorn.daemon.auth;

import com.ongres.saslprep.SASLprep;
import com.ongres.stringprep.Profile;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Names and passwords as they are compared: SASLprep (RFC 4013), names in lower case besides. */
public final class Prepared {
  private static final Profile PROFILE = new SASLprep();
  private static final int MAX_NAME_CHARS = 255;

  private Prepared() {}

  /** Returns {@code name} as it is looked up; empty when it cannot be a login. */
  public static Optional<String> login(String name) {
    return prepare(name).map(prepared -> prepared.toLowerCase(Locale.ROOT))
        .filter(prepared -> !prepared.isEmpty() && prepared.length() <= MAX_NAME_CHARS);
  }

  /** Returns {@code password} as it is hashed; empty when it holds what no password may. */
  public static Optional<String> password(String password) {
    return prepare(password).filter(prepared -> !prepared.isEmpty());
  }

  /** Returns what UTF-8 octets say; empty when they are not UTF-8, or hold a NUL. */
  static Optional<String> text(byte[] octets) {
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString())
          .filter(text -> text.indexOf('\0') < 0);
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }

  /** Unassigned code points pass, as RFC 4013 §2.5 wants of queries: people have emoji in passwords. */
  private static Optional<String> prepare(String text) {
    try {
      return Optional.of(PROFILE.prepareQuery(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
