package org.posthorn.daemon.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** DIGEST-MD5 (RFC 2831; historic, RFC 6331) without subsequent authentication and security layers. */
final class DigestMd5Exchange extends ServerFirst {
  private static final Pattern DIRECTIVE = Pattern.compile(
      "\\G[ \\t,]*([A-Za-z-]{1,40})=(?:\"((?:[^\"\\\\]|\\\\.){0,1000})\"|([^\", \\t]{1,1000}))[ \\t]*(?:,|$)");

  private final Logins logins;
  private final String realm;
  private final String nonce;
  private Optional<SaslStep> outcome = Optional.empty();

  /** @param realm our name; {@code nonce} must be new each time */
  DigestMd5Exchange(Logins logins, String realm, String nonce) {
    this.logins = logins;
    this.realm = realm;
    this.nonce = nonce;
  }

  @Override
  public SaslStep begin() {
    return new SaslStep.Challenge(("realm=\"" + realm + "\",nonce=\"" + nonce
        + "\",qop=\"auth\",charset=utf-8,algorithm=md5-sess").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public SaslStep take(byte[] response) {
    if (outcome.isPresent()) {
      return response.length == 0 ? outcome.get() : SaslStep.malformed();
    }
    var given = Prepared.text(response).flatMap(DigestMd5Exchange::directives).orElse(Map.of());
    var login = Prepared.login(given.getOrDefault("username", ""));
    boolean isSound = given.getOrDefault("realm", "").equals(realm) && given.getOrDefault("nonce", "").equals(nonce)
        && given.getOrDefault("nc", "").equals("00000001") && given.getOrDefault("qop", "auth").equals("auth")
        && given.getOrDefault("digest-uri", "").startsWith("smtp/") && given.containsKey("cnonce");
    if (!isSound || login.isEmpty()) {
      return SaslStep.malformed();
    }
    return check(given, login.get());
  }

  private SaslStep check(Map<String, String> given, String login) {
    var password = logins.clear(login);
    byte[] a1 = a1(given, password.orElse("-"));
    String expected = response(given, a1, "AUTHENTICATE:");
    boolean isRight = MessageDigest.isEqual(expected.getBytes(StandardCharsets.US_ASCII),
        given.getOrDefault("response", "").getBytes(StandardCharsets.UTF_8)) && password.isPresent();
    if (!isRight) {
      return logins.refuse(login);
    }
    var accepted = logins.accept(Mechanism.DIGEST_MD5, login, given.getOrDefault("authzid", ""));
    if (!(accepted instanceof SaslStep.Success)) {
      return accepted;
    }
    outcome = Optional.of(accepted);
    return new SaslStep.Challenge(("rspauth=" + response(given, a1, ":")).getBytes(StandardCharsets.US_ASCII));
  }

  /** RFC 2831 §2.1.2.1. */
  private byte[] a1(Map<String, String> given, String password) {
    var a1 = new ByteArrayOutputStream();
    var hashed = new ByteArrayOutputStream();
    hashed.writeBytes(octets(given.getOrDefault("username", "")));
    hashed.writeBytes(octets(":" + realm + ":"));
    hashed.writeBytes(octets(password));
    a1.writeBytes(md5(hashed.toByteArray()));
    String authzid = given.containsKey("authzid") ? ":" + given.get("authzid") : "";
    a1.writeBytes((":" + nonce + ":" + given.get("cnonce") + authzid).getBytes(StandardCharsets.UTF_8));
    return a1.toByteArray();
  }

  private String response(Map<String, String> given, byte[] a1, String method) {
    String a2 = hex(md5(method + given.get("digest-uri")));
    return hex(md5(hex(md5(a1)) + ":" + nonce + ":00000001:" + given.get("cnonce") + ":auth:" + a2));
  }

  /** Reads {@code key=value} and {@code key="value"}; empty when something else stands between them, or one is twice. */
  private static Optional<Map<String, String>> directives(String text) {
    var directives = new HashMap<String, String>();
    var match = DIRECTIVE.matcher(text);
    int end = 0;
    while (match.find()) {
      String quoted = match.group(2);
      String value = quoted == null ? match.group(3) : quoted.replaceAll("\\\\(.)", "$1");
      if (directives.put(match.group(1).toLowerCase(Locale.ROOT), value) != null) {
        return Optional.empty();
      }
      end = match.end();
    }
    return end == text.length() ? Optional.of(directives) : Optional.empty();
  }

  private static String hex(byte[] octets) {
    return HexFormat.of().formatHex(octets);
  }

  /** What ISO 8859-1 has is hashed in ISO 8859-1, even though it was sent in UTF-8 (RFC 2831 §2.1.2.1). */
  private static byte[] octets(String text) {
    return text.getBytes(
        text.chars().allMatch(c -> c < 256) ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
  }

  private static byte[] md5(String text) {
    return md5(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] md5(byte[] octets) {
    try {
      return MessageDigest.getInstance("MD5").digest(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }
}
