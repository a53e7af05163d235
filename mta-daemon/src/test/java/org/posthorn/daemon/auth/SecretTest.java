package org.posthorn.daemon.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {
  /** From the reference implementation of Argon2, the bcrypt of OpenBSD, Drepper's specification, openssl, and RFC 7677. */
  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource(delimiter = '|', textBlock = """
                                          argon2id      | password      | $argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4
                                          bcrypt        | abc           | $2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i
                                          bcrypt        | U*U           | $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW
                                          sha512-crypt  | Hello world!  | $6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.
                                          sha512-crypt  | geheim        | {SHA512-CRYPT}$6$abcdefgh$msgktWxVAbjjh3X7lA5LaM7dS/ZfABJL6T4qcRsnjcOTj0kptUvZcrvrXIoO5fgPA9xz6UnF2To2Y7jGc/IZY/
                                          clear         | tan,ta=a      | {PLAIN}tan,ta=a
                                          """)
  void knowsThePasswordsOfOthersHashes(String kind, String password, String text) {
    var secret = Secret.parse(text);
    assertThat(secret.kind()).isEqualTo(kind);
    assertThat(secret.isOf(password)).isTrue();
    assertThat(secret.isOf(password + "x")).isFalse();
    assertThat(secret.decoy().isOf(password)).isFalse();
    assertThat(secret.toString()).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(strings = {"argon2id", "bcrypt", "sha512-crypt", "scram-sha-256", "scram-sha-1", "clear"})
  void readsWhatItMakes(String kind) {
    var made = Secret.make(kind, "pässword", new Random(1));
    var read = Secret.parse(made.text());
    assertThat(read.text()).isEqualTo(made.text());
    assertThat(read.kind()).isEqualTo(kind);
    assertThat(read.isOf("pässword")).isTrue();
    assertThat(read.isOf("passwort")).isFalse();
  }

  @Test
  void readsScramAsDovecotWritesIt() {
    var scram = Secret.parse(Sasl.cheap("pencil"));
    var dovecot = scram.text().replaceAll("SCRAM-SHA-256\\$(.*):(.*)\\$(.*):(.*)", "{SCRAM-SHA-256}$1,$2,$3,$4");
    assertThat(dovecot).startsWith("{SCRAM-SHA-256}4096,");
    assertThat(Secret.parse(dovecot).isOf("pencil")).isTrue();
  }

  /** Each would cost too much, protect too little, or be no hash at all; and none is shown. */
  @ParameterizedTest
  @ValueSource(strings = {"", "password", "$1$abcdefgh$1tN.Ouu9Zu1/Dhl5c.M6N0", "{MD5}ICy5YqxZB1uWSwcVLSNLcA==",
      "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=19$m=256,t=2,p=1$c29t$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$2a$31$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA",
      "SCRAM-SHA-1$1000:AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAA="})
  void refusesWithoutShowingIt(String text) {
    assertThatThrownBy(() -> Secret.parse(text)).isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(text.isEmpty() || !String.valueOf(e.getMessage()).contains(text)).isTrue());
  }
}
