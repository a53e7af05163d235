package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.daemon.packaged.SubmissionDaemon.ALICE;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.testkit.Needs;

/** Logins that are bound to the TLS connection, or are the certificate shown there, to the packaged daemon. */
class ChannelBindingIT {
  private static final String PASSWORD = "pencil";
  private static final String NONCE = "fyko+d2lbbFgONRv9qkxdawL";

  @TempDir
  private static Path folder;

  private static SubmissionDaemon server;

  @BeforeAll
  static void start() throws Exception {
    server = SubmissionDaemon.start(folder, PASSWORD, "");
    var certificate = TestCertificates.chain("client").getFirst().getEncoded();
    var fingerprint = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
    Files.writeString(server.daemon().home().resolve("users.toml"), """

                                                                    [[user]]
                                                                    login = "machine@here.example"
                                                                    certificates = ["%s"]
                                                                    """.formatted(fingerprint),
        StandardOpenOption.APPEND);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    server.stop();
  }

  @ParameterizedTest(name = "{0} over {1}")
  @CsvSource({"tls-exporter, TLSv1.3", "tls-server-end-point, TLSv1.3", "tls-server-end-point, TLSv1.2"})
  void letsInWhoIsBoundToThisConnection(String type, String version) throws Exception {
    try (var dialogue = new Dialogue(TestCertificates.client(), version)) {
      assertThat(dialogue.capabilities).contains("SCRAM-SHA-256-PLUS");
      var replies = scram(dialogue, type, binding(type, dialogue.socket.getSession()));
      assertThat(replies.get("last")).startsWith("235 2.7.0 ");
      assertThat(replies.get("signature")).isEqualTo(replies.get("expected"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls-exporter", "tls-server-end-point"})
  void refusesWhoIsBoundToAnotherConnection(String type) throws Exception {
    try (var dialogue = new Dialogue(TestCertificates.client(), "TLSv1.3")) {
      byte[] ofAnother = new byte[32];
      assertThat(scram(dialogue, type, ofAnother).get("last")).startsWith("535 5.7.8 ");
    }
  }

  @Test
  void letsInWhoShowsACertificate() throws Exception {
    try (var dialogue = new Dialogue(TestCertificates.client("client"), "TLSv1.3")) {
      assertThat(dialogue.capabilities).contains("EXTERNAL");
      assertThat(dialogue.ask("AUTH EXTERNAL =")).startsWith("235 2.7.0 ");
      assertThat(dialogue.ask("MAIL FROM:<machine@here.example>")).startsWith("250 ");
    }
    try (var dialogue = new Dialogue(TestCertificates.client(), "TLSv1.3")) {
      assertThat(dialogue.capabilities).doesNotContain("EXTERNAL");
      assertThat(dialogue.ask("AUTH EXTERNAL =")).startsWith("504 5.5.4 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256 --no-cb", "PLAIN", "LOGIN"})
  void gsaslLogsIn(String mechanism) throws Exception {
    var run = ProgramRun.of("quit\n", "sh", "-c", "exec " + Needs.program("gsasl") + " --smtp --connect 127.0.0.1:"
        + server.startTls() + " -a " + ALICE + " -p " + PASSWORD + " --x509-ca-file= --mechanism " + mechanism);
    assertThat(run.output()).contains("235 2.7.0 ");
    if (mechanism.startsWith("SCRAM")) {
      assertThat(run.output()).contains("server trusted");
    }
  }

  private static byte[] binding(String type, SSLSession session) throws Exception {
    return type.equals("tls-exporter")
        ? ((ExtendedSSLSession) session).exportKeyingMaterialData("EXPORTER-Channel-Binding", new byte[0], 32)
        : MessageDigest.getInstance("SHA-256").digest(session.getPeerCertificates()[0].getEncoded());
  }

  /** Logs in as RFC 5802 §5 and RFC 7677 have it; returns what came of it. */
  private static Map<String, String> scram(Dialogue dialogue, String type, byte[] binding) throws Exception {
    String gs2 = "p=" + type + ",,";
    String bare = "n=" + ALICE + ",r=" + NONCE;
    String first = new String(
        Base64.getDecoder().decode(dialogue.ask("AUTH SCRAM-SHA-256-PLUS " + base64(octets(gs2 + bare))).substring(4)),
        StandardCharsets.UTF_8);
    var fields = first.split(",", 3);
    byte[] salt = Base64.getDecoder().decode(fields[1].substring(2));
    int iterations = Integer.parseInt(fields[2].substring(2));
    byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
        .generateSecret(new PBEKeySpec(PASSWORD.toCharArray(), salt, iterations, 256))
        .getEncoded();
    byte[] bound = concat(octets(gs2), binding);
    String last = "c=" + base64(bound) + "," + fields[0];
    byte[] message = octets(bare + "," + first + "," + last);
    byte[] clientKey = hmac(salted, octets("Client Key"));
    byte[] signature = hmac(MessageDigest.getInstance("SHA-256").digest(clientKey), message);
    for (int i = 0; i < clientKey.length; i++) {
      clientKey[i] ^= signature[i];
    }
    var replies = new TreeMap<String, String>();
    replies.put("expected", "v=" + base64(hmac(hmac(salted, octets("Server Key")), message)));
    var reply = dialogue.ask(base64(octets(last + ",p=" + base64(clientKey))));
    if (reply.startsWith("334 ")) {
      replies.put("signature", new String(Base64.getDecoder().decode(reply.substring(4)), StandardCharsets.UTF_8));
      reply = dialogue.ask("");
    }
    replies.put("last", reply);
    return replies;
  }

  private static byte[] hmac(byte[] key, byte[] text) throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text);
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] both = new byte[one.length + other.length];
    System.arraycopy(one, 0, both, 0, one.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  /** One connection under TLS, greeted already. */
  private static final class Dialogue implements AutoCloseable {
    private final SSLSocket socket;
    private final BufferedReader replies;
    private final String capabilities;

    Dialogue(SSLContext tls, String version) throws Exception {
      socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", server.implicitTls());
      socket.setEnabledProtocols(new String[]{version});
      socket.setSoTimeout(60_000);
      socket.startHandshake();
      replies = new BufferedReader(
          new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(replies.readLine()).startsWith("220 ");
      capabilities = ask("EHLO client.example");
    }

    /** Sends a line, and returns the reply, its lines in one. */
    String ask(String line) throws Exception {
      socket.getOutputStream().write(octets(line + "\r\n"));
      var reply = new StringBuilder();
      String next;
      do {
        next = replies.readLine();
        assertThat(next).as("a reply to %s", line).isNotNull();
        reply.append(next);
      } while (next.charAt(3) == '-');
      return reply.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
