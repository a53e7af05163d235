package org.posthorn.daemon.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.posthorn.daemon.tls.TestCertificates.NOW;
import static org.posthorn.daemon.tls.TestCertificates.file;
import static org.posthorn.daemon.tls.TestCertificates.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.SettableClock;

class ServerTlsTest {
  private final SettableClock clock = new SettableClock(NOW);

  @TempDir
  private Path folder;

  @Test
  void takesRenewedFilesWhenTheyAreWhole() throws Exception {
    var files = copied("rsa");
    var tls = new ServerTls(settings(files), clock, new Random(1));
    assertThat(names(tls)).containsExactly("mail.example.org", "*.example.org");

    Files.copy(file("other.pem"), files.chain(), StandardCopyOption.REPLACE_EXISTING); // half of a renewal
    tls.refresh();
    assertThat(names(tls)).containsExactly("mail.example.org", "*.example.org");
    assertThat(tls.states().getFirst().problems()).filteredOn(problem -> problem.startsWith("should"))
        .singleElement()
        .asString()
        .startsWith("should be replaced, but ")
        .contains("does not belong");

    Files.copy(file("other.key"), files.key(), StandardCopyOption.REPLACE_EXISTING);
    tls.refresh();
    assertThat(names(tls)).containsExactly("mx.example.net");
    assertThat(tls.states().getFirst().problems()).noneMatch(problem -> problem.startsWith("should be replaced"));
  }

  @Test
  void takesFilesThatASymbolicLinkNowPointsTo() throws Exception {
    var live = folder.resolve("live.pem");
    var key = folder.resolve("key.pem");
    Files.createSymbolicLink(live, Files.copy(file("ec.pem"), folder.resolve("ec.pem")));
    Files.createSymbolicLink(key, Files.copy(file("ec.key"), folder.resolve("ec.key")));
    var tls = new ServerTls(settings(new CertificateFiles(live, key)), clock, new Random(1));
    Files.delete(live);
    Files.delete(key);
    tls.refresh();
    assertThat(tls.states().getFirst().keyType()).isEqualTo("EC");
    Files.createSymbolicLink(live, Files.copy(file("rsa.pem"), folder.resolve("rsa.pem")));
    Files.createSymbolicLink(key, Files.copy(file("rsa.key"), folder.resolve("rsa.key")));
    tls.refresh();
    assertThat(tls.states().getFirst().keyType()).isEqualTo("RSA");
  }

  @Test
  void keepsWhatIsInForceWhenOtherSettingsCannotBe() throws Exception {
    var tls = new ServerTls(settings(TestCertificates.files("rsa")), clock, new Random(1));
    assertThatExceptionOfType(CredentialException.class)
        .isThrownBy(() -> tls.use(settings(new CertificateFiles(file("ec.pem"), file("rsa.key")))));
    assertThat(tls.states().getFirst().keyType()).isEqualTo("RSA");
    tls.use(settings(TestCertificates.files("ec")));
    assertThat(tls.states().getFirst().keyType()).isEqualTo("EC");
  }

  @Test
  void makesACertificateWhereNoneIsNamed() throws Exception {
    var kept = folder.resolve("self-signed.pem");
    var none = settings();
    var settings = new TlsSettings(none.hostname(), List.of(), kept, none.minVersion(), none.ciphers(),
        none.expiryWarning());
    var first = new ServerTls(settings, clock, new Random(1)).states();
    assertThat(first).singleElement().satisfies(state -> {
      assertThat(state.names()).containsExactly("mail.example.org");
      assertThat(state.problems()).isEmpty();
      assertThat(state.source()).isEqualTo(kept.toString());
    });
    assertThat(new ServerTls(settings, clock, new Random(2)).states()).isEqualTo(first);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"rw-------, ", "rw-r-----, ", "rw-r--r--, has a key that everybody on this machine may use",
      "rw-rw----, has a key that its group may change", "rw-----w-, has a key that everybody on this machine may use"})
  void warnsOfAKeyThatOthersMayUse(String permissions, String problem) throws Exception {
    var files = copied("rsa");
    Files.setPosixFilePermissions(files.key(), PosixFilePermissions.fromString(permissions));
    var problems = new ServerTls(settings(files), clock, new Random(1)).states().getFirst().problems();
    assertThat(ServerTls.check(settings(files), clock.instant()).getFirst().problems()).isEqualTo(problems);
    if (problem == null) {
      assertThat(problems).isEmpty();
    } else {
      assertThat(problems).singleElement().asString().startsWith(problem).endsWith(files.key().toString());
    }
  }

  @Test
  void warnsOfWhatSoonEndsAndOfWhatHas() throws Exception {
    var tls = new ServerTls(settings(TestCertificates.files("rsa")), clock, new Random(1));
    Instant end = tls.states().getFirst().notAfter();
    assertThat(problemsAt(tls, end.minus(Duration.ofDays(15)))).isEmpty();
    assertThat(problemsAt(tls, end.minus(Duration.ofDays(13)))).singleElement()
        .asString()
        .startsWith(
            "expires in 13 days, on ");
    assertThat(problemsAt(tls, end.minus(Duration.ofHours(5)))).singleElement()
        .asString()
        .startsWith(
            "expires in 5 hours, on ");
    assertThat(problemsAt(tls, end.plusSeconds(1))).singleElement().asString().startsWith("has expired on ");
    assertThat(problemsAt(tls, Instant.parse("2020-01-01T00:00:00Z"))).singleElement()
        .asString()
        .startsWith(
            "is not valid yet");
  }

  @Test
  void warnsOfWhatIsForAnotherNameUnlessSomethingElseIsForOurs() throws Exception {
    var other = TestCertificates.files("other");
    assertThat(new ServerTls(settings(other), clock, new Random(1)).states().getFirst().problems())
        .containsExactly("is not for mail.example.org, our name, but for mx.example.net");
    assertThat(new ServerTls(settings(other, TestCertificates.files("ec")), clock, new Random(1)).states())
        .allMatch(state -> state.problems().isEmpty());
  }

  @Test
  void warnsOfAChainThatIsNone() throws Exception {
    var chain = folder.resolve("chain.pem");
    var ec = Files.readString(file("ec.pem"));
    var leaf = ec.substring(0, ec.indexOf("-----END") + "-----END CERTIFICATE-----\n".length());
    Files.writeString(chain, leaf + Files.readString(file("other.pem")));
    assertThat(new ServerTls(settings(new CertificateFiles(chain, file("ec.key"))), clock, new Random(1)).states()
        .getFirst()
        .problems()).singleElement().asString().contains("the full chain");
  }

  @Test
  void isForWhateverNameWeHave() throws Exception {
    var rsa = settings(TestCertificates.files("rsa"));
    var tls = new ServerTls(new TlsSettings(Domain.of("other.example.org"), rsa.certificates(), rsa.selfSigned(),
        rsa.minVersion(), rsa.ciphers(), rsa.expiryWarning()), clock, new Random(1));
    assertThat(tls.states().getFirst().problems()).isEmpty();
  }

  private List<String> problemsAt(ServerTls tls, Instant now) {
    clock.set(now);
    return tls.states().getFirst().problems();
  }

  private static List<String> names(ServerTls tls) {
    return tls.states().getFirst().names();
  }

  private CertificateFiles copied(String name) throws IOException {
    var files = new CertificateFiles(folder.resolve("chain.pem"), folder.resolve("key.pem"));
    Files.copy(file(name + ".pem"), files.chain());
    Files.copy(file(name + ".key"), files.key());
    return files;
  }
}
