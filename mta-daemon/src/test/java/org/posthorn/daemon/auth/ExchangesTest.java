package org.posthorn.daemon.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.RealmChoiceCallback;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.quota.SendingLimits;

class ExchangesTest {
  private static final String FINGERPRINT = "ab".repeat(32);

  @TempDir
  private Path folder;

  private Sasl sasl;

  @BeforeEach
  void open() {
    var alice = Sasl.account("alice", Sasl.cheap("wonderland"));
    var boss = new Account("boss", List.of(Secret.parse("{PLAIN}b\u00e9")), List.of(FINGERPRINT), List.of(),
        List.of("alice", "gone"), SendingLimits.NONE, true);
    var gone = Sasl.account("gone", Sasl.cheap("wonderland")).withEnabled(false);
    sasl = new Sasl(folder, alice, boss, gone);
  }

  @AfterEach
  void close() {
    sasl.close();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"|alice|wonderland, success alice as alice", "alice|alice|wonderland, success alice as alice",
      "|ALICE|wonderland, success alice as alice", "|alice|Wonderland, failure CREDENTIALS alice",
      "|alice|, failure CREDENTIALS alice", "|nobody|wonderland, failure CREDENTIALS nobody",
      "|gone|wonderland, failure CREDENTIALS gone", "boss|alice|wonderland, failure AUTHORIZATION alice",
      "alice|boss|b\u00e9, success boss as alice", "gone|boss|b\u00e9, failure AUTHORIZATION boss",
      "|boss|be\u0301, success boss as boss", "nobody|boss|b\u00e9, failure AUTHORIZATION boss",
      "||, 'failure CREDENTIALS '", "alice, 'failure MALFORMED '", "|alice, 'failure MALFORMED '",
      "|alice|won|derland, 'failure MALFORMED '", "'', 'failure MALFORMED '"})
  void checksPlain(String message, String expected) {
    var exchange = new PlainExchange(sasl.logins());
    assertThat(Sasl.show(exchange.begin())).isEqualTo("challenge ");
    assertThat(Sasl.show(exchange.take(Sasl.octets(message.replace('|', '\0'))))).isEqualTo(expected);
  }

  @Test
  void refusesWhatIsNotUtf8() {
    assertThat(Sasl.show(new PlainExchange(sasl.logins()).begin(new byte[]{0, (byte) 0xff, 0, 'x'})))
        .isEqualTo("failure MALFORMED ");
  }

  @Test
  void asksForNameAndPasswordInLogin() {
    var exchange = new LoginExchange(sasl.logins());
    assertThat(Sasl.show(exchange.begin())).isEqualTo("challenge Username:");
    assertThat(Sasl.show(exchange.take(Sasl.octets("alice")))).isEqualTo("challenge Password:");
    assertThat(Sasl.show(exchange.take(Sasl.octets("wonderland")))).isEqualTo("success alice as alice");
  }

  @Test
  void takesTheNameWithTheCommandInLogin() {
    var exchange = new LoginExchange(sasl.logins());
    assertThat(Sasl.show(exchange.begin(Sasl.octets("alice")))).isEqualTo("challenge Password:");
    assertThat(Sasl.show(exchange.take(Sasl.octets("wrong")))).isEqualTo("failure CREDENTIALS alice");
  }

  /** RFC 2195 §2. */
  @Test
  void followsTheExampleOfCramMd5() {
    try (var tim = new Sasl(folder, Sasl.account("tim", "{PLAIN}tanstaaftanstaaf"))) {
      var exchange = new CramMd5Exchange(tim.logins(), "<1896.697170952@postoffice.reston.mci.net>");
      assertThat(Sasl.show(exchange.begin())).isEqualTo("challenge <1896.697170952@postoffice.reston.mci.net>");
      assertThat(Sasl.show(exchange.take(Sasl.octets("tim b913a602c7eda7a495b4e6e7334d3890"))))
          .isEqualTo("success tim as tim");
      assertThat(Sasl.show(exchange.take(Sasl.octets("tim b913a602c7eda7a495b4e6e7334d3891"))))
          .isEqualTo("failure CREDENTIALS tim");
      assertThat(Sasl.show(exchange.take(Sasl.octets("nobody b913a602c7eda7a495b4e6e7334d3890"))))
          .isEqualTo("failure CREDENTIALS nobody");
      assertThat(Sasl.show(exchange.begin(Sasl.octets("tim")))).isEqualTo("failure SPOKE_FIRST ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"CRAM-MD5", "DIGEST-MD5"})
  void understandsTheClientsOfJava(String mechanism) throws SaslException {
    assertThat(withJava(mechanism, "boss", "b\u00e9")).isEqualTo("success boss as boss");
    assertThat(withJava(mechanism, "boss", "no")).isEqualTo("failure CREDENTIALS boss");
    assertThat(withJava(mechanism, "nobody", "b\u00e9")).isEqualTo("failure CREDENTIALS nobody");
    assertThat(withJava(mechanism, "alice", "wonderland")).isEqualTo("failure CREDENTIALS alice");
  }

  private String withJava(String mechanism, String name, String password) throws SaslException {
    SaslClient client = javax.security.sasl.Sasl.createSaslClient(new String[]{mechanism}, null, "smtp",
        "mail.example.org", Map.of(), callbacks -> answer(callbacks, name, password));
    var exchange = sasl.authentication()
        .begin(sasl.settings(Mechanism.named(mechanism).orElseThrow()), Mechanism.named(mechanism).orElseThrow(),
            Sasl.TLS,
            "mail.example.org", sasl.guard.seat(Sasl.CLIENT, false))
        .orElseThrow();
    var step = exchange.begin();
    while (step instanceof SaslStep.Challenge(var challenge)) {
      byte[] response = client.evaluateChallenge(challenge);
      step = exchange.take(response == null ? new byte[0] : response);
    }
    return Sasl.show(step);
  }

  private static void answer(Callback[] callbacks, String name, String password) {
    for (var callback : callbacks) {
      switch (callback) {
        case NameCallback asked -> asked.setName(name);
        case PasswordCallback asked -> asked.setPassword(password.toCharArray());
        case RealmCallback asked -> asked.setText(asked.getDefaultText());
        case RealmChoiceCallback asked -> asked.setSelectedIndex(0);
        default -> throw new IllegalStateException("asked for " + callback);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "username", "username=\"boss\"", "username=\"boss\",username=\"boss\"", "=,=,=",
      "username=\"boss\\", "charset=utf-8,,,,,,,"})
  void refusesADigestThatIsNone(String response) {
    assertThat(Sasl.show(new DigestMd5Exchange(sasl.logins(), "realm", "nonce").take(Sasl.octets(response))))
        .isEqualTo("failure MALFORMED ");
  }

  @Test
  void takesACertificateForALogin() {
    assertThat(external(FINGERPRINT, "")).isEqualTo("success boss as boss");
    assertThat(external(FINGERPRINT, "alice")).isEqualTo("success boss as alice");
    assertThat(external("cd".repeat(32), "")).isEqualTo("failure CREDENTIALS ");
  }

  private String external(String fingerprint, String authzid) {
    return Sasl.show(new ExternalExchange(sasl.logins(), Optional.of(fingerprint))
        .begin(authzid.getBytes(StandardCharsets.UTF_8)));
  }
}
