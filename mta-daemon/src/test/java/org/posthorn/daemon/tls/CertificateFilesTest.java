package org.posthorn.daemon.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.posthorn.daemon.tls.TestCertificates.file;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateFilesTest {
  @TempDir
  private Path folder;

  @ParameterizedTest(name = "{1} of {0}")
  @CsvSource({"rsa.pem, rsa.key, RSA", "ec.pem, ec.key, EC", "ec.pem, ec-pkcs8.key, EC", "other.pem, other.key, RSA",
      "ed25519.pem, ed25519.key, EdDSA", "client.pem, client.key, EC"})
  void readsAllFormsOfKeys(String chain, String key, String type) throws Exception {
    var credential = new CertificateFiles(file(chain), file(key)).read();
    assertThat(credential.keyType()).isEqualTo(type);
    assertThat(credential.chain()).hasSize(2);
  }

  @Test
  void readsKeyAndChainFromOneFileWithTextAround() throws Exception {
    var one = folder.resolve("one.pem");
    Files.writeString(one, "The key of mail.example.org:\n" + Files.readString(file("ec.key")) + "\r\nand its chain\n"
        + Files.readString(file("ec.pem")).replace("\n", "\r\n"));
    var credential = new CertificateFiles(one, one).read();
    assertThat(credential.names()).containsExactly("mail.example.org");
    assertThat(credential.chain()).hasSize(2);
  }

  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource(delimiter = '|', value = {
      "rsa.pem | other.key | rsa.pem: the key does not belong to the certificate",
      "rsa.pem | ec.key | ec.key: is no RSA key, as the certificate in",
      "ec.pem | encrypted.key | encrypted.key: the key is encrypted",
      "rsa.pem | encrypted-pkcs1.key | encrypted-pkcs1.key: the key is encrypted",
      "rsa.key | rsa.key | rsa.key: holds no certificate in PEM",
      "rsa.pem | rsa.pem | rsa.pem: holds no private key in PEM"})
  void saysWhatIsWrong(String chain, String key, String problem) {
    assertThatExceptionOfType(CredentialException.class)
        .isThrownBy(() -> new CertificateFiles(file(chain), file(key)).read())
        .withMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "-----BEGIN CERTIFICATE-----;AAAA;-----END CERTIFICATE-----; | a certificate cannot be read",
      "-----BEGIN CERTIFICATE-----;-----END CERTIFICATE-----; | a certificate cannot be read",
      "nothing | holds no certificate"})
  void saysThatAFileIsNoCertificate(String content, String problem) throws Exception {
    var file = folder.resolve("x.pem");
    Files.writeString(file, content.replace(';', '\n'));
    assertThatExceptionOfType(CredentialException.class).isThrownBy(() -> CertificateFiles.certificates(file))
        .withMessageContaining(file + ": " + problem);
  }

  @Test
  void saysThatThereIsNoFile() {
    var missing = folder.resolve("missing.pem");
    assertThatExceptionOfType(CredentialException.class)
        .isThrownBy(() -> new CertificateFiles(missing, missing).read())
        .withMessageContaining(missing + ": cannot be read");
  }

  @ParameterizedTest(name = "{0} covers {1}: {2}")
  @CsvSource({"rsa, mail.example.org, true", "rsa, other.example.org, true", "rsa, a.b.example.org, false",
      "rsa, example.org, false", "ec, other.example.org, false", "other, mx.example.net, true", "other, net, false"})
  void knowsWhomItIsFor(String name, String host, boolean isCovered) throws Exception {
    assertThat(TestCertificates.files(name).read().covers(host)).isEqualTo(isCovered);
  }
}
