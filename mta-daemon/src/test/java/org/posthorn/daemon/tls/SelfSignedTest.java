package org.posthorn.daemon.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.Domain;

class SelfSignedTest {
  private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
  private static final Domain HOST = Domain.of("mail.example.org");

  @TempDir
  private Path folder;

  private Path file;

  @BeforeEach
  void place() {
    file = folder.resolve("tls/self-signed.pem");
  }

  @Test
  void isForUsAndSignedByItself() throws Exception {
    var made = obtain(HOST, NOW);
    var certificate = made.certificate();
    certificate.verify(certificate.getPublicKey());
    certificate.checkValidity(Date.from(NOW));
    assertThat(made.names()).containsExactly("mail.example.org");
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(certificate.getSerialNumber()).isPositive();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
  }

  @Test
  void isMadeOnceOnly() throws Exception {
    assertThat(obtain(HOST, NOW).certificate()).isEqualTo(obtain(HOST, NOW.plus(Duration.ofDays(3600))).certificate());
    assertThat(folder.resolve("tls")).isDirectoryContaining(path -> path.equals(file))
        .isDirectoryNotContaining(
            path -> !path.equals(file));
  }

  @ParameterizedTest(name = "after {0} days")
  @ValueSource(ints = {3625, 4000, 9000})
  void isMadeAnewInTime(int days) throws Exception {
    var first = obtain(HOST, NOW).certificate();
    var now = NOW.plus(Duration.ofDays(days));
    var next = obtain(HOST, now).certificate();
    assertThat(next).isNotEqualTo(first);
    next.checkValidity(Date.from(now.plus(Duration.ofDays(3000))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"other.example.org", "localhost",
      "a-name-that-is-longer-than-the-sixty-four-characters.of-a-common.name.example.org"})
  void isMadeAnewForAnotherName(String name) throws Exception {
    obtain(HOST, NOW);
    assertThat(obtain(Domain.of(name), NOW).names()).containsExactly(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-----BEGIN PRIVATE KEY-----\nMIGH", "no certificate"})
  void isMadeAnewWhenAPowerCutLeftNoneInItsFile(String left) throws Exception {
    obtain(HOST, NOW);
    Files.writeString(file, left);
    assertThat(obtain(HOST, NOW).names()).containsExactly("mail.example.org");
  }

  private Credential obtain(Domain host, Instant now) throws CredentialException {
    return new SelfSigned(file).obtain(host, now, new Random(1));
  }
}
