package org.posthorn.daemon.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.Pieces;
import org.posthorn.daemon.auth.token.JwtCheck;
import org.posthorn.daemon.auth.token.TokenCheck;
import org.posthorn.daemon.auth.token.TokenSettings;

class BearerExchangeTest {
  @TempDir
  private static Path folder;

  private static KeyPair rsa;
  private static KeyPair ec;
  private static KeyPair ed25519;

  @BeforeAll
  static void writeKeys() throws Exception {
    rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    ec = generator.generateKeyPair();
    ed25519 = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    var rsaKey = (RSAPublicKey) rsa.getPublic();
    var point = ((ECPublicKey) ec.getPublic()).getW();
    byte[] encoded = ed25519.getPublic().getEncoded();
    Files.writeString(folder.resolve("keys"), """
                                              {"keys": [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA", "n": "AQAB"},
                                              {"kty": "RSA", "kid": "r", "n": "%s", "e": "%s"},
                                              {"kty": "EC", "kid": "e", "crv": "P-256", "x": "%s", "y": "%s"},
                                              {"kty": "OKP", "crv": "Ed25519", "use": "sig", "x": "%s"}]}
                                              """.formatted(number(rsaKey.getModulus()),
        number(rsaKey.getPublicExponent()), number(point.getAffineX()), number(point.getAffineY()),
        base64(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length))));
  }

  private static String number(BigInteger number) {
    return base64(number.toByteArray());
  }

  private static String base64(byte[] octets) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }

  private static String token(String algorithm, String id, String claims) throws Exception {
    String header = "{\"alg\":\"" + algorithm + "\"" + (id.isEmpty() ? "" : ",\"kid\":\"" + id + "\"") + "}";
    String text = base64(header.getBytes(StandardCharsets.UTF_8)) + "."
        + base64(claims.getBytes(StandardCharsets.UTF_8));
    var signature = switch (algorithm) {
      case "RS256", "none", "HS256" -> Signature.getInstance("SHA256withRSA");
      case "ES256" -> Signature.getInstance("SHA256withECDSAinP1363Format");
      default -> Signature.getInstance("Ed25519");
    };
    signature.initSign((switch (algorithm) {
      case "RS256", "none", "HS256" -> rsa;
      case "ES256" -> ec;
      default -> ed25519;
    }).getPrivate());
    signature.update(text.getBytes(StandardCharsets.US_ASCII));
    return text + "." + base64(signature.sign());
  }

  private static String claims(Duration life) {
    return "{\"iss\":\"https://id.example\",\"aud\":[\"web\",\"mail\"],\"email\":\"Alice@x.example\",\"exp\":"
        + Sasl.NOW.plus(life).getEpochSecond() + "}";
  }

  private static String show(Mechanism mechanism, String message) {
    try (var sasl = new Sasl(folder)) {
      var settings = new TokenSettings(folder.resolve("keys").toString(), "https://id.example", "mail", "email");
      var exchange = new BearerExchange(mechanism, new JwtCheck(settings, sasl.clock), sasl.logins());
      var step = exchange.begin(Sasl.octets(message.replace('|', '\1')));
      return step instanceof SaslStep.Challenge
          ? Sasl.show(step) + "; " + Sasl.show(exchange.take(new byte[]{1}))
          : Sasl.show(step);
    }
  }

  @ParameterizedTest
  @CsvSource({"RS256, r", "RS256, ''", "ES256, e", "EdDSA, ''", "EdDSA, any"})
  void takesGenuineTokens(String algorithm, String id) throws Exception {
    var token = token(algorithm, id, claims(Duration.ofMinutes(5)));
    assertThat(show(Mechanism.OAUTHBEARER, "n,a=alice@x.example,|host=mail|port=587|auth=Bearer " + token + "||"))
        .isEqualTo("success alice@x.example as alice@x.example");
    assertThat(show(Mechanism.OAUTHBEARER, "n,,|auth=Bearer " + token + "||"))
        .isEqualTo("success alice@x.example as alice@x.example");
    assertThat(show(Mechanism.XOAUTH2, "user=Alice@x.example|auth=Bearer " + token + "||"))
        .isEqualTo("success alice@x.example as alice@x.example");
  }

  @Test
  void refusesATokenOfSomebodyElse() throws Exception {
    var token = token("RS256", "r", claims(Duration.ofMinutes(5)));
    assertThat(show(Mechanism.OAUTHBEARER, "n,a=bob@x.example,|auth=Bearer " + token + "||"))
        .isEqualTo(
            "challenge {\"status\":\"invalid_token\",\"schemes\":\"bearer\"}; failure CREDENTIALS bob@x.example");
    assertThat(show(Mechanism.XOAUTH2, "user=bob@x.example|auth=Bearer " + token + "||"))
        .startsWith("challenge {\"status\":\"401\"")
        .endsWith("failure CREDENTIALS bob@x.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "HS256"})
  void refusesAlgorithmsThatProveNothing(String algorithm) throws Exception {
    assertRefused(token(algorithm, "r", claims(Duration.ofMinutes(5))));
  }

  @Test
  void refusesWhatIsOldChangedOrForOthers() throws Exception {
    assertRefused(token("RS256", "r", claims(Duration.ofMinutes(-2))));
    assertRefused(token("RS256", "e", claims(Duration.ofMinutes(5))));
    assertRefused(token("RS256", "r", claims(Duration.ofMinutes(5)).replace("id.example", "evil.example")));
    assertRefused(token("RS256", "r", claims(Duration.ofMinutes(5)).replace("\"mail\"", "\"chat\"")));
    assertRefused(token("RS256", "r", claims(Duration.ofMinutes(5)).replace("email", "phone")));
    assertRefused(token("RS256", "r", claims(Duration.ofMinutes(5)).replace("{", "{\"nbf\":9999999999,")));
    var token = token("RS256", "r", claims(Duration.ofMinutes(5)));
    var parts = token.split("\\.", -1);
    assertRefused(
        parts[0] + "." + base64("{\"iss\":\"https://id.example\"}".getBytes(StandardCharsets.UTF_8)) + "." + parts[2]);
    assertRefused(parts[0] + "." + parts[1] + ".");
    assertRefused("x");
    assertRefused("..");
    assertRefused("@.@.@");
  }

  private static void assertRefused(String token) {
    assertThat(show(Mechanism.OAUTHBEARER, "n,a=alice@x.example,|auth=Bearer " + token + "||"))
        .endsWith("failure CREDENTIALS alice@x.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "n,,", "n,,|auth=Bearer x", "n,,|auth=Basic x||", "p=x,,|auth=Bearer x||",
      "n,b=x,|auth=Bearer x||", "|||||"})
  void refusesWhatIsMalformed(String message) {
    assertThat(show(Mechanism.OAUTHBEARER, message)).isEqualTo("failure MALFORMED ");
    assertThat(show(Mechanism.XOAUTH2, message)).isEqualTo("failure MALFORMED ");
  }

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void noPiecesOfATokenCount(long seed) {
    noTokenCountsThatNobodySigned(Pieces.of(seed,
        List.of("{\"alg\":\"RS256\"}", "eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJub25lIn0",
            "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ", ".", "..", "e30", "AAAA", "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ",
            "=", "\u00ff")));
  }

  @FuzzTest
  void noTokenCountsThatNobodySigned(byte[] input) {
    try (var sasl = new Sasl(folder)) {
      var settings = new TokenSettings(folder.resolve("keys").toString(), "https://id.example", "mail", "email");
      assertThat(new JwtCheck(settings, sasl.clock).check(new String(input, StandardCharsets.ISO_8859_1)))
          .isInstanceOf(TokenCheck.Result.Invalid.class);
    }
  }

  @Test
  void saysThatItCannotWithoutKeys() {
    try (var sasl = new Sasl(folder)) {
      var settings = new TokenSettings(folder.resolve("missing").toString(), "i", "a", "email");
      var exchange = new BearerExchange(Mechanism.XOAUTH2, new JwtCheck(settings, sasl.clock), sasl.logins());
      assertThat(Sasl.show(exchange.begin(Sasl.octets("user=a\1auth=Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA\1\1"))))
          .isEqualTo("failure UNAVAILABLE a");
    }
  }
}
