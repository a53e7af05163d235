package org.posthorn.daemon.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * SCRAM (RFC 5802 §5 to §7, RFC 7677), with channel binding in the PLUS forms (RFC 5929 §4, RFC 9266). SMTP has no way to
 * send the last message of the server with its success, so it is a challenge that the client answers with nothing.
 */
final class ScramExchange extends ClientFirst {
  private static final int MAX_NONCE_CHARS = 512;

  /** How far the exchange has come. */
  private sealed interface State {
    record Start() implements State {}

    record Proof(ScramClientFirst first, String login, Secret.Scram secret, String serverFirst,
        String nonce) implements State {}

    record Confirmation(SaslStep outcome) implements State {}
  }

  private final Mechanism mechanism;
  private final ScramHash hash;
  private final Protection protection;
  private final boolean plusOffered;
  private final Logins logins;
  private final String serverNonce;
  private State state = new State.Start();

  /** @param plusOffered whether the client was told of this mechanism's PLUS form */
  ScramExchange(Mechanism mechanism, Protection protection, boolean plusOffered, Logins logins, String serverNonce) {
    this.mechanism = mechanism;
    this.hash = switch (mechanism) {
      case SCRAM_SHA_1, SCRAM_SHA_1_PLUS -> ScramHash.SHA_1;
      case SCRAM_SHA_256, SCRAM_SHA_256_PLUS -> ScramHash.SHA_256;
      case EXTERNAL, OAUTHBEARER, XOAUTH2, PLAIN, LOGIN, DIGEST_MD5, CRAM_MD5 ->
        throw new IllegalArgumentException("not SCRAM: " + mechanism);
    };
    this.protection = protection;
    this.plusOffered = plusOffered;
    this.logins = logins;
    this.serverNonce = serverNonce;
  }

  @Override
  public SaslStep take(byte[] response) {
    return switch (state) {
      case State.Start _ -> Prepared.text(response)
          .flatMap(ScramClientFirst::parse)
          .filter(this::isBoundAsPromised)
          .map(this::challenge)
          .orElseGet(SaslStep::malformed);
      case State.Proof proof -> Prepared.text(response)
          .map(text -> check(proof, text))
          .orElseGet(SaslStep::malformed);
      case State.Confirmation(var outcome) when response.length == 0 -> outcome;
      case State.Confirmation _ -> SaslStep.malformed();
    };
  }

  private boolean isBoundAsPromised(ScramClientFirst first) {
    boolean isPlus = mechanism == Mechanism.SCRAM_SHA_1_PLUS || mechanism == Mechanism.SCRAM_SHA_256_PLUS;
    return switch (first.binding()) {
      case ScramClientFirst.Binding.Used(var name) -> isPlus && protection.channelBindings().containsKey(name);
      // RFC 5802 §6: who could bind and was told that we cannot talks to us through somebody else
      case ScramClientFirst.Binding.NotOffered _ -> !isPlus && !plusOffered;
      case ScramClientFirst.Binding.Unsupported _ -> !isPlus;
    };
  }

  private SaslStep challenge(ScramClientFirst first) {
    var login = Prepared.login(first.name());
    if (first.nonce().length() > MAX_NONCE_CHARS || login.isEmpty()) {
      return SaslStep.malformed();
    }
    Secret.Scram shown = logins.scram(login.get(), hash);
    String nonce = first.nonce() + serverNonce;
    String serverFirst = "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(shown.salt()) + ",i="
        + shown.iterations();
    state = new State.Proof(first, login.get(), shown, serverFirst, nonce);
    return new SaslStep.Challenge(serverFirst.getBytes(StandardCharsets.UTF_8));
  }

  private SaslStep check(State.Proof underway, String clientFinal) {
    int proofAt = clientFinal.lastIndexOf(",p=");
    String withoutProof = proofAt < 0 ? "" : clientFinal.substring(0, proofAt);
    var binding = attribute(withoutProof, "c=").flatMap(ScramExchange::decode);
    var proof = proofAt < 0 ? Optional.<byte[]>empty() : decode(clientFinal.substring(proofAt + 3));
    var nonce = attribute(withoutProof, ",r=");
    if (binding.isEmpty() || proof.isEmpty() || proof.get().length != hash.octets() || nonce.isEmpty()) {
      return SaslStep.malformed();
    }
    var secret = underway.secret();
    String authMessage = underway.first().bare() + "," + underway.serverFirst() + "," + withoutProof;
    byte[] signature = hash.hmac(secret.storedKey(), authMessage);
    byte[] clientKey = proof.get().clone();
    for (int i = 0; i < clientKey.length; i++) {
      clientKey[i] ^= signature[i];
    }
    boolean isRight = MessageDigest.isEqual(hash.hash(clientKey), secret.storedKey())
        && nonce.get().equals(underway.nonce())
        && MessageDigest.isEqual(binding.get(), expectedBinding(underway.first()));
    return isRight ? confirm(underway, secret, authMessage) : logins.refuse(underway.login());
  }

  private SaslStep confirm(State.Proof underway, Secret.Scram secret, String authMessage) {
    var outcome = logins.accept(mechanism, underway.login(), underway.first().authzid());
    if (!(outcome instanceof SaslStep.Success)) {
      return outcome;
    }
    state = new State.Confirmation(outcome);
    String serverFinal = "v=" + Base64.getEncoder().encodeToString(hash.hmac(secret.serverKey(), authMessage));
    return new SaslStep.Challenge(serverFinal.getBytes(StandardCharsets.UTF_8));
  }

  /** {@code cbind-input} of RFC 5802 §7: the GS2 header, and the binding itself where it is used. */
  private byte[] expectedBinding(ScramClientFirst first) {
    var expected = new ByteArrayOutputStream();
    expected.writeBytes(first.gs2Header().getBytes(StandardCharsets.UTF_8));
    if (first.binding() instanceof ScramClientFirst.Binding.Used(var name)) {
      expected.writeBytes(protection.channelBindings().getOrDefault(name, NOTHING));
    }
    return expected.toByteArray();
  }

  /** Returns the value behind {@code key}, which begins the text or, with its comma, stands behind the first attribute. */
  private static Optional<String> attribute(String text, String key) {
    int at = key.startsWith(",") ? text.indexOf(',') : 0;
    if (at < 0 || !text.startsWith(key, at)) {
      return Optional.empty();
    }
    int end = text.indexOf(',', at + key.length());
    return Optional.of(text.substring(at + key.length(), end < 0 ? text.length() : end));
  }

  private static Optional<byte[]> decode(String base64) {
    try {
      return Optional.of(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
