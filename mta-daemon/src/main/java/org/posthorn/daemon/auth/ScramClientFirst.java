package org.posthorn.daemon.auth;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first message of a SCRAM client (RFC 5802 §7, {@code client-first-message}).
 *
 * @param binding what the client says of channel binding
 * @param authzid whom it wants to act as; empty for itself
 * @param name its name, decoded
 * @param nonce what it made up
 * @param gs2Header the part up to the bare message, as it stands
 * @param bare the bare message, as it stands
 */
record ScramClientFirst(Binding binding, String authzid, String name, String nonce, String gs2Header, String bare) {
  /** What a client says of channel binding (RFC 5802 §6). */
  sealed interface Binding {
    /** It uses this one. */
    record Used(String name) implements Binding {}

    /** It could, but was not told that we can. */
    record NotOffered() implements Binding {}

    /** It cannot. */
    record Unsupported() implements Binding {}
  }

  // A mandatory extension, "m=", is one that we do not have: it does not match (RFC 5802 §5.1).
  private static final Pattern MESSAGE = Pattern.compile(
      "((?:p=([A-Za-z0-9.-]{1,80})|([ny])),(?:a=([^,]{1,1000}))?,)(n=([^,]{1,1000}),r=([!-+\\--~]{1,2000})(?:,[^\0]*)?)");

  static Optional<ScramClientFirst> parse(String text) {
    Matcher match = MESSAGE.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    var name = decode(match.group(6));
    var authzid = decode(match.group(4) == null ? "" : match.group(4));
    Binding binding = match.group(2) != null
        ? new Binding.Used(match.group(2))
        : "y".equals(match.group(3)) ? new Binding.NotOffered() : new Binding.Unsupported();
    return name.flatMap(decoded -> authzid.map(other -> new ScramClientFirst(binding, other, decoded, match.group(7),
        match.group(1), match.group(5))));
  }

  /** Commas and equals signs come as {@code =2C} and {@code =3D}; any other equals sign is wrong (RFC 5802 §5.1). */
  private static Optional<String> decode(String saslName) {
    String decoded = saslName.replace("=2C", "\0");
    return decoded.replace("=3D", "").contains("=")
        ? Optional.empty()
        : Optional.of(decoded.replace("=3D", "=").replace('\0', ','));
  }
}
