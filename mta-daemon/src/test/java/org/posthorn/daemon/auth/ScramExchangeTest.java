package org.posthorn.daemon.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramExchangeTest {
  private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
  private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

  @TempDir
  private Path folder;

  private Account pencil(ScramHash hash, String salt) {
    var secret = Secret.Scram.of(hash, "pencil", Base64.getDecoder().decode(salt), 4096);
    return Sasl.account("user", secret.text());
  }

  /** RFC 5802 §5 and RFC 7677 §3. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
      "SCRAM_SHA_1, SHA_1, QSXCR+Q6sek8bf92, fyko+d2lbbFgONRv9qkxdawL, 3rfcNHYJY1ZVvWVs7j,"
          + " v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=, rmF9pqV8S7suAoZWja4dJRkFsKQ=",
      "SCRAM_SHA_256, SHA_256, W22ZaJ0SNY7soEsUEjb6gQ==, rOprNGfwEbeRWgbNEkqO, %hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
          + " dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=, 6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="})
  void followsTheExamplesOfTheStandards(Mechanism mechanism, ScramHash hash, String salt, String clientNonce,
      String serverNonce, String proof, String signature) {
    try (var sasl = new Sasl(folder, pencil(hash, salt))) {
      var exchange = new ScramExchange(mechanism, Protection.NONE, false, sasl.logins(), serverNonce);
      assertThat(Sasl.show(exchange.begin())).isEqualTo("challenge ");
      assertThat(Sasl.show(exchange.take(Sasl.octets("n,,n=user,r=" + clientNonce))))
          .isEqualTo("challenge r=" + clientNonce + serverNonce + ",s=" + salt + ",i=4096");
      assertThat(Sasl.show(exchange.take(Sasl.octets("c=biws,r=" + clientNonce + serverNonce + ",p=" + proof))))
          .isEqualTo("challenge v=" + signature);
      assertThat(Sasl.show(exchange.take(new byte[0]))).isEqualTo("success user as user");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"c=biws,r=%s,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVE=",
      "c=eSws,r=%s,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
      "c=biws,r=%sx,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="})
  void refusesAWrongProofNonceOrBinding(String clientFinal) {
    try (var sasl = new Sasl(folder, pencil(ScramHash.SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ=="))) {
      var exchange = new ScramExchange(Mechanism.SCRAM_SHA_256, Protection.NONE, false, sasl.logins(), SERVER_NONCE);
      exchange.take(Sasl.octets("n,,n=user,r=" + NONCE));
      assertThat(Sasl.show(exchange.take(Sasl.octets(clientFinal.formatted(NONCE + SERVER_NONCE)))))
          .isEqualTo("failure CREDENTIALS user");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "n", "n,,", "n,,n=user", "n,,r=abc,n=user", "x,,n=user,r=abc", "n,,m=ext,n=user,r=abc",
      "n,,n=us=er,r=abc", "n,,n=user,r=", "n,a=,n=user,r=abc", "p=tls-exporter,,n=user,r=abc", "n,,n=\u0007,r=abc"})
  void refusesAFirstMessageThatIsNone(String clientFirst) {
    try (var sasl = new Sasl(folder, pencil(ScramHash.SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ=="))) {
      var exchange = new ScramExchange(Mechanism.SCRAM_SHA_256, Sasl.TLS, false, sasl.logins(), SERVER_NONCE);
      assertThat(Sasl.show(exchange.take(Sasl.octets(clientFirst)))).isEqualTo("failure MALFORMED ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "c=biws", "c=biws,r=abc", "c=biws,r=abc,p=", "c=biws,r=abc,p=AAAA", "c=!,r=abc,p=AAAA"})
  void refusesASecondMessageThatIsNone(String clientFinal) {
    try (var sasl = new Sasl(folder, pencil(ScramHash.SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ=="))) {
      var exchange = new ScramExchange(Mechanism.SCRAM_SHA_256, Sasl.TLS, false, sasl.logins(), SERVER_NONCE);
      exchange.take(Sasl.octets("n,,n=user,r=" + NONCE));
      assertThat(Sasl.show(exchange.take(Sasl.octets(clientFinal)))).isEqualTo("failure MALFORMED ");
    }
  }

  @Test
  void decodesCommasAndEqualsSignsInNames() {
    assertThat(ScramClientFirst.parse("n,a=b=2Cc,n=u=3Ds=2Cr,r=abc").map(ScramClientFirst::name)).contains("u=s,r");
    assertThat(ScramClientFirst.parse("n,a=b=2Cc,n=u,r=abc").map(ScramClientFirst::authzid)).contains("b,c");
  }

  @Test
  void bindsToTheChannelInThePlusForm() {
    try (var sasl = new Sasl(folder, pencil(ScramHash.SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ=="))) {
      assertThat(plus(sasl, new byte[]{1, 2, 3})).isEqualTo("challenge v=");
      assertThat(plus(sasl, new byte[]{1, 2, 4})).isEqualTo("failure CREDENTIALS user");
    }
  }

  /** Does what a client does that sees {@code binding}. */
  private static String plus(Sasl sasl, byte[] binding) {
    var exchange = new ScramExchange(Mechanism.SCRAM_SHA_256_PLUS, Sasl.TLS, true, sasl.logins(), "server");
    String bare = "n=user,r=client";
    var first = (SaslStep.Challenge) exchange.take(Sasl.octets("p=tls-exporter,," + bare));
    byte[] bound = new byte[binding.length + 16];
    System.arraycopy(Sasl.octets("p=tls-exporter,,"), 0, bound, 0, 16);
    System.arraycopy(binding, 0, bound, 16, binding.length);
    String withoutProof = "c=" + Base64.getEncoder().encodeToString(bound) + ",r=clientserver";
    var hash = ScramHash.SHA_256;
    byte[] salted = hash.salted("pencil", Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
    byte[] proof = hash.hmac(salted, "Client Key");
    byte[] signature = hash.hmac(hash.hash(proof), bare + "," + new String(first.octets(), StandardCharsets.UTF_8) + ","
        + withoutProof);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= signature[i];
    }
    var last = exchange.take(Sasl.octets(withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof)));
    return Sasl.show(last).replaceFirst("(challenge v=).*", "$1");
  }

  @Test
  void noticesThatThePlusFormWasHiddenFromTheClient() {
    try (var sasl = new Sasl(folder, pencil(ScramHash.SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ=="))) {
      var exchange = new ScramExchange(Mechanism.SCRAM_SHA_256, Sasl.TLS, true, sasl.logins(), SERVER_NONCE);
      assertThat(Sasl.show(exchange.take(Sasl.octets("y,,n=user,r=abc")))).isEqualTo("failure MALFORMED ");
      var unaware = new ScramExchange(Mechanism.SCRAM_SHA_256, Protection.NONE, false, sasl.logins(), SERVER_NONCE);
      assertThat(Sasl.show(unaware.take(Sasl.octets("y,,n=user,r=abc")))).startsWith("challenge ");
    }
  }

  @Test
  void showsUnknownUsersTheSameSaltEachTimeAndRefusesThemAsOthers() {
    try (var sasl = new Sasl(folder, pencil(ScramHash.SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ=="))) {
      assertThat(unknown(sasl, "nobody")).isEqualTo(unknown(sasl, "nobody"))
          .isNotEqualTo(unknown(sasl, "nobody2"))
          .endsWith(",i=4096");
    }
  }

  private static String unknown(Sasl sasl, String name) {
    var exchange = new ScramExchange(Mechanism.SCRAM_SHA_256, Protection.NONE, false, sasl.logins(), "s");
    String challenge = Sasl.show(exchange.take(Sasl.octets("n,,n=" + name + ",r=c")));
    assertThat(Sasl.show(exchange.take(Sasl.octets("c=biws,r=cs,p=" + "A".repeat(43) + "="))))
        .isEqualTo("failure CREDENTIALS " + name);
    return challenge;
  }

  @Test
  void isOfferedOnlyWhereEveryUserCanUseIt() {
    var scram = pencil(ScramHash.SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ==");
    var other = Sasl.account("other", "{PLAIN}x");
    try (var one = new Sasl(folder, scram); var both = new Sasl(folder, scram, other)) {
      Mechanism[] all = Mechanism.values();
      assertThat(one.authentication().mechanisms(one.settings(all), Sasl.TLS)).containsExactly(
          Mechanism.SCRAM_SHA_256_PLUS, Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN);
      assertThat(one.authentication().mechanisms(one.settings(all), Protection.NONE))
          .containsExactly(Mechanism.SCRAM_SHA_256);
      assertThat(both.authentication()
          .mechanisms(both.settings(all), new Protection(true, Map.of(), Optional.empty())))
          .containsExactly(Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.DIGEST_MD5, Mechanism.CRAM_MD5);
    }
  }
}
