package org.posthorn.daemon.auth.token;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks JSON Web Tokens (RFC 7519): signature (RFC 7515; RSA, ECDSA and Ed25519, never a shared secret or none), issuer,
 * audience, and time with a minute's leeway. Safe for use by many threads.
 */
public final class JwtCheck implements TokenCheck {
  private static final Duration LEEWAY = Duration.ofMinutes(1);
  private static final int MAX_CHARS = 12_288;

  private final TokenSettings settings;
  private final KeySource source;
  private final InstantSource clock;

  /** Reads the keys when the first token comes. */
  public JwtCheck(TokenSettings settings, InstantSource clock) {
    this.settings = settings;
    this.source = new KeySource(settings.keys(), clock);
    this.clock = clock;
  }

  /** Returns which tokens count. */
  public TokenSettings settings() {
    return settings;
  }

  @Override
  public Result check(String token) {
    var parts = List.of(token.split("\\.", -1));
    if (parts.size() != 3 || token.length() > MAX_CHARS) {
      return new Result.Invalid("not a JSON Web Token");
    }
    try {
      var header = json(parts.get(0));
      byte[] signature = Base64.getUrlDecoder().decode(parts.get(2));
      var signedPart = (parts.get(0) + "." + parts.get(1)).getBytes(StandardCharsets.US_ASCII);
      var signed = isSigned(header, signedPart, signature);
      if (signed.isEmpty()) {
        return new Result.Unknown();
      }
      return signed.get() ? claims(json(parts.get(1))) : new Result.Invalid("signature");
    } catch (IllegalArgumentException | JacksonException _) {
      return new Result.Invalid("not a JSON Web Token");
    }
  }

  private static JsonNode json(String base64) {
    return JsonMapper.shared().readTree(Base64.getUrlDecoder().decode(base64));
  }

  /** Empty when there are no keys at all. */
  private Optional<Boolean> isSigned(JsonNode header, byte[] text, byte[] signature) {
    String algorithm = header.path("alg").asString("");
    String kind = switch (algorithm) {
      case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512" -> "RSA";
      case "ES256", "ES384", "ES512" -> "EC";
      case "EdDSA" -> "OKP";
      default -> "";
    };
    if (kind.isEmpty() || header.has("crit")) {
      return Optional.of(false); // RFC 7515 §4.1.11: what must be understood is not
    }
    String id = header.path("kid").asString("");
    var known = source.keys(false).map(keys -> keys.find(kind, id));
    var keys = known.filter(found -> !found.isEmpty()).or(() -> source.keys(true).map(set -> set.find(kind, id)));
    return keys.map(all -> all.stream().anyMatch(key -> isSigned(algorithm, key, text, signature)));
  }

  private static boolean isSigned(String algorithm, PublicKey key, byte[] text, byte[] signature) {
    try {
      var verifier = verifier(algorithm);
      verifier.initVerify(key);
      verifier.update(text);
      return verifier.verify(signature);
    } catch (GeneralSecurityException _) {
      return false; // a key of another curve, or a signature that is none
    }
  }

  /** RFC 7518 §3.1, RFC 8037 §3.1. */
  private static Signature verifier(String algorithm) throws GeneralSecurityException {
    String bits = algorithm.substring(2);
    return switch (algorithm.substring(0, 2)) {
      case "RS" -> Signature.getInstance("SHA" + bits + "withRSA");
      case "ES" -> Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
      case "PS" -> pss("SHA-" + bits, Integer.parseInt(bits) / 8);
      default -> Signature.getInstance("Ed25519");
    };
  }

  private static Signature pss(String hash, int saltOctets) throws GeneralSecurityException {
    var verifier = Signature.getInstance("RSASSA-PSS");
    verifier.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), saltOctets,
        PSSParameterSpec.TRAILER_FIELD_BC));
    return verifier;
  }

  private Result claims(JsonNode claims) {
    long now = clock.instant().getEpochSecond();
    if (!claims.path("iss").asString("").equals(settings.issuer())) {
      return new Result.Invalid("issuer");
    }
    if (!isForUs(claims.path("aud"))) {
      return new Result.Invalid("audience");
    }
    if (claims.path("exp").asLong(0) + LEEWAY.toSeconds() <= now
        || claims.path("nbf").asLong(0) - LEEWAY.toSeconds() > now) {
      return new Result.Invalid("time");
    }
    return new Result.Valid(claims.path(settings.loginClaim()).asString(""));
  }

  private boolean isForUs(JsonNode audience) {
    if (!audience.isArray()) {
      return audience.asString("").equals(settings.audience());
    }
    for (var one : audience) {
      if (one.asString("").equals(settings.audience())) {
        return true;
      }
    }
    return false;
  }
}
