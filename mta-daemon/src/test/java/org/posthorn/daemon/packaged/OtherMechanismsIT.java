package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.daemon.packaged.SubmissionDaemon.ALICE;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.testkit.Needs;

/** Mechanisms that have to be allowed, and those of identity providers, spoken by the programs of others. */
class OtherMechanismsIT {
  private static final String PASSWORD = "wonderland";

  @TempDir
  private static Path folder;

  private static SubmissionDaemon server;
  private static PackagedDaemon daemon;
  private static KeyPair provider;
  private static Path mail;

  @BeforeAll
  static void start() throws Exception {
    provider = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    var key = (RSAPublicKey) provider.getPublic();
    var keys = Files.writeString(folder.resolve("keys.json"),
        """
        {"keys": [{"kty": "RSA", "kid": "k", "n": "%s", "e": "%s"}]}
        """.formatted(number(key.getModulus()),
            number(key.getPublicExponent())));
    mail = Files.writeString(folder.resolve("mail.txt"), "From: " + ALICE + "\r\nSubject: x\r\n\r\nx\r\n");
    server = SubmissionDaemon.start(folder, PASSWORD,
        """
        mechanisms = ["DIGEST-MD5", "CRAM-MD5", "OAUTHBEARER", "XOAUTH2", "PLAIN"]
        token-keys = "%s"
        token-issuer = "https://id.example"
        token-audience = "mail"
        """.formatted(keys), "--secret", "clear");
    daemon = server.daemon();
  }

  @AfterAll
  static void stop() throws InterruptedException {
    server.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"CRAM-MD5", "DIGEST-MD5", "PLAIN"})
  void curlSendsWithThePassword(String mechanism) throws Exception {
    curl(mechanism, "--user", ALICE + ":" + PASSWORD);
    daemon.awaitLog(1, "authenticated", "sasl_method=" + mechanism);
  }

  @Test
  void curlSendsWithAToken() throws Exception {
    curl("OAUTHBEARER", "--user", ALICE, "--oauth2-bearer", token());
    daemon.awaitLog(1, "authenticated", "sasl_method=OAUTHBEARER");
  }

  private static void curl(String mechanism, String... more) throws Exception {
    run(Needs.program("curl"), more, "-sSk", "--url", "smtps://127.0.0.1:" + server.implicitTls(), "--login-options",
        "AUTH=" + mechanism, "--mail-from", ALICE, "--mail-rcpt", "bob@here.example", "--upload-file", mail.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cram-md5", "digest-md5", "oauthbearer", "xoauth2"})
  void msmtpSends(String mechanism) throws Exception {
    var secret = Files.writeString(folder.resolve("secret"), mechanism.contains("oauth") ? token() : PASSWORD);
    var settings = Files.writeString(folder.resolve("msmtprc"),
        """
        account default
        host 127.0.0.1
        port %d
        tls on
        tls_starttls off
        tls_certcheck off
        auth %s
        user %s
        passwordeval cat %s
        from %s
        """.formatted(server.implicitTls(), mechanism, ALICE, secret,
            ALICE));
    Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-------"));
    run(Needs.program("msmtp"), new String[]{"--file=" + settings, "bob@here.example"});
    daemon.awaitLog(1, "authenticated", "sasl_method=" + mechanism.toUpperCase(Locale.ROOT));
  }

  private static String token() throws Exception {
    long end = InstantSource.system().instant().plus(Duration.ofMinutes(5)).getEpochSecond();
    var text = base64("{\"alg\":\"RS256\",\"kid\":\"k\"}".getBytes(StandardCharsets.US_ASCII)) + "."
        + base64(("{\"iss\":\"https://id.example\",\"aud\":\"mail\",\"email\":\"" + ALICE + "\",\"exp\":" + end + "}")
            .getBytes(StandardCharsets.US_ASCII));
    var signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(provider.getPrivate());
    signature.update(text.getBytes(StandardCharsets.US_ASCII));
    return text + "." + base64(signature.sign());
  }

  private static String number(BigInteger number) {
    return base64(number.toByteArray());
  }

  private static String base64(byte[] octets) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }

  /** Runs a program that sends what {@link #mail} holds. */
  private static void run(Path program, String[] first, String... more) throws IOException, InterruptedException {
    var line = new ArrayList<Object>(List.of(program));
    line.addAll(List.of(first));
    line.addAll(List.of(more));
    var run = ProgramRun.of(Files.readString(mail), line.toArray());
    assertThat(run.exit()).as(run.output()).isZero();
  }
}
