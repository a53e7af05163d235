package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;

/** The packaged daemon with TLS, tried with the programs of others. */
class TlsIT {
  @TempDir
  private Path folder;

  @Test
  void takesMailUnderTlsFromSwaksWithTheCertificateThatItMakesItself() throws Exception {
    var swaks = Needs.program("swaks").toString();
    int submissions = FreePort.find();
    try (var daemon = PackagedDaemon.start(folder, """
                                                   [[listener]]
                                                   address = "127.0.0.1:%d"
                                                   kind = "submissions"
                                                   """.formatted(submissions))) {
      run(swaks, "--server", "127.0.0.1", "--port", Integer.toString(daemon.port()), "--tls", "--from",
          "sender@elsewhere.example", "--to", "alice@here.example");
      assertThat(daemon.awaitLog(1, " accepted ", "proto=ESMTPS", "tls=TLSv1.3", "cipher=TLS_")).hasSize(1);
      daemon.awaitLog(1, "status=sent");
      assertThat(daemon.mailbox("alice")).singleElement().asString().contains("(using TLSv1.3 with cipher TLS_");
      assertThat(talk("s_client", "-connect", "127.0.0.1:" + submissions, "-verify_return_error", "-CAfile",
          daemon.home().resolve("data/tls/self-signed.pem").toString(), "-verify_hostname", "mail.here.example",
          "-brief"))
          .contains("Verification: OK");
      assertThat(daemon.command("status")).contains("certificate  mail.here.example (EC) until ");
    }
  }

  @Test
  void choosesCertificatesByNameAndTakesRenewedOnes() throws Exception {
    var chain = Files.copy(TestCertificates.file("rsa.pem"), folder.resolve("chain.pem"));
    var key = Files.copy(TestCertificates.file("rsa.key"), folder.resolve("key.pem"));
    try (var daemon = PackagedDaemon.start(folder, """
                                                   [[tls.certificate]]
                                                   chain-file = "%s"
                                                   key-file = "%s"
                                                   [[tls.certificate]]
                                                   chain-file = "%s"
                                                   key-file = "%s"
                                                   """.formatted(chain, key, TestCertificates.file("other.pem"),
        TestCertificates.file("other.key")))) {
      daemon.awaitLog(1, "certificate", "is not for mail.here.example");
      assertThat(daemon.command("status")).contains("! it is not for mail.here.example, our name, but for");
      assertThat(shown(daemon, "x.example.org")).contains("CN = mail.example.org");
      assertThat(shown(daemon, "mx.example.net")).contains("CN = mx.example.net");
      Files.copy(TestCertificates.file("ec.key"), key, StandardCopyOption.REPLACE_EXISTING);
      Files.copy(TestCertificates.file("ec.pem"), chain, StandardCopyOption.REPLACE_EXISTING);
      daemon.signal("HUP");
      daemon.awaitLog(1, " reloaded ");
      assertThat(shown(daemon, "mail.example.org")).contains("Peer signature type: ECDSA");
    }
  }

  private String shown(PackagedDaemon daemon, String name) throws IOException, InterruptedException {
    return talk("s_client", "-starttls", "smtp", "-connect", "127.0.0.1:" + daemon.port(), "-servername", name,
        "-CAfile", TestCertificates.file("ca.pem").toString(), "-verify_return_error");
  }

  private static String talk(String... arguments) throws IOException, InterruptedException {
    var line = new ArrayList<>(List.of(Needs.program("openssl").toString()));
    line.addAll(List.of(arguments));
    return output(new ProcessBuilder(line));
  }

  private static void run(String... line) throws IOException, InterruptedException {
    output(new ProcessBuilder(line));
  }

  private static String output(ProcessBuilder program) throws IOException, InterruptedException {
    var process = program.redirectErrorStream(true).start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
