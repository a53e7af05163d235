package org.posthorn.daemon.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.SettableClock;

class CredentialsTest {
  @ParameterizedTest(name = "{0} for {1}: {2}")
  @CsvSource({"EC, mail.example.org, ec", "RSA, mail.example.org, rsa", "RSA, mx.example.net, other",
      "EC, mx.example.net, ", "RSA, x.example.org, rsa", "EC, x.example.org, ", "RSA, unknown.example, rsa",
      "EC, unknown.example, ec", "RSA, , rsa", "EC, , ec", "EdDSA, mail.example.org, "})
  void choosesByNameAndKey(String keyType, String serverName, String expected) throws Exception {
    var names = List.of("other", "rsa", "ec");
    assertThat(of(TestCertificates.NOW, "other", "rsa", "ec").choose(keyType, Optional.ofNullable(serverName))
        .map(
            names::get))
        .isEqualTo(Optional.ofNullable(expected));
  }

  @Test
  void showsWhateverThereIsWhenNothingIsForUs() throws Exception {
    assertThat(of(TestCertificates.NOW, "other").choose("RSA", Optional.empty())).hasValue(0);
  }

  @ParameterizedTest(name = "in {0} number {1}")
  @CsvSource({"2027, 0", "2050, 1", "2020, 0"})
  void prefersTheFirstThatIsValid(String year, int expected, @TempDir Path folder) throws Exception {
    var shortLived = new SelfSigned(folder.resolve("x.pem")).obtain(Domain.of("mail.example.org"), TestCertificates.NOW,
        new Random(1));
    var both = new Credentials(List.of(shortLived, TestCertificates.files("ec").read()), "mail.example.org",
        new SettableClock(Instant.parse(year + "-01-01T00:00:00Z")));
    assertThat(both.choose("EC", Optional.empty())).hasValue(expected);
  }

  private static Credentials of(Instant now, String... names) throws CredentialException {
    var all = new ArrayList<Credential>();
    for (var name : names) {
      all.add(TestCertificates.files(name).read());
    }
    return new Credentials(all, "mail.example.org", new SettableClock(now));
  }
}
