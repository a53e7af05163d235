package org.posthorn.daemon.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.Needs;

/** Asking a Dovecot who a client is. */
class DovecotTest {
  @TempDir
  private Path folder;

  @Test
  void asksARealDovecot() throws Exception {
    var program = Needs.program("dovecot");
    Needs.root("Dovecot");
    var place = folder.resolve("run/auth-client");
    var process = start(program);
    try (var sasl = new Sasl(folder)) {
      awaitStart(process);
      var socket = new DovecotSocket(place.toString());
      assertThat(plain(sasl, socket, "alice", "wonderland")).isEqualTo("success alice as alice");
      assertThat(socket.mechanisms()).contains(Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.SCRAM_SHA_256);
      assertThat(plain(sasl, socket, "alice", "wrong")).isEqualTo("failure CREDENTIALS alice");
      assertThat(plain(sasl, socket, "nobody", "wonderland")).isEqualTo("failure CREDENTIALS nobody");
      try (var login = begin(sasl, socket, Mechanism.LOGIN)) {
        assertThat(Sasl.show(login.begin())).isEqualTo("challenge Username:");
        assertThat(Sasl.show(login.take(Sasl.octets("alice")))).isEqualTo("challenge Password:");
        assertThat(Sasl.show(login.take(Sasl.octets("wonderland")))).isEqualTo("success alice as alice");
      }
      assertThat(scram(sasl, socket)).isEqualTo("success alice as alice");
    } finally {
      process.destroy();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void saysThatItCannotWhenNobodyAnswers() {
    try (var sasl = new Sasl(folder)) {
      assertThat(plain(sasl, new DovecotSocket(folder.resolve("nothing").toString()), "alice", "x"))
          .isEqualTo("failure UNAVAILABLE ");
    }
  }

  /** A login takes a moment, and the time limit of its connection two minutes: as many as come in these must not stay. */
  @Test
  void letsGoOfAConnectionThatIsDone() throws Exception {
    var place = folder.resolve("auth");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(place));
      Thread.ofVirtual().start(() -> greet(server));
      var done = new WeakReference<>(openAndClose(new DovecotSocket(place.toString())));
      assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
        while (done.get() != null) {
          System.gc();
        }
      });
    }
  }

  private static Object openAndClose(DovecotSocket socket) throws IOException {
    try (var connection = socket.open()) {
      return connection;
    }
  }

  private static void greet(ServerSocketChannel server) {
    try (var client = server.accept()) {
      client.write(ByteBuffer.wrap("VERSION\t1\t1\nMECH\tPLAIN\nDONE\n".getBytes(StandardCharsets.UTF_8)));
      while (client.read(ByteBuffer.allocate(100)) >= 0) {
        // what it says, until it lets go of us
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String plain(Sasl sasl, DovecotSocket socket, String login, String password) {
    try (var exchange = begin(sasl, socket, Mechanism.PLAIN)) {
      return Sasl.show(exchange.begin(Sasl.octets("\0" + login + "\0" + password)));
    }
  }

  /** A client that does what RFC 5802 §3 says. */
  private static String scram(Sasl sasl, DovecotSocket socket) {
    var hash = ScramHash.SHA_256;
    try (var exchange = begin(sasl, socket, Mechanism.SCRAM_SHA_256)) {
      String challenge = Sasl.show(exchange.begin(Sasl.octets("n,,n=alice,r=client"))).substring("challenge ".length());
      var parts = List.of(challenge.split(",", 3));
      byte[] salted = hash.salted("wonderland", Base64.getDecoder().decode(parts.get(1).substring(2)),
          Integer.parseInt(parts.get(2).substring(2)));
      String withoutProof = "c=biws," + parts.getFirst();
      byte[] proof = hash.hmac(salted, "Client Key");
      byte[] signature = hash.hmac(hash.hash(proof), "n=alice,r=client," + challenge + "," + withoutProof);
      for (int i = 0; i < proof.length; i++) {
        proof[i] ^= signature[i];
      }
      var step = exchange.take(Sasl.octets(withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof)));
      assertThat(Sasl.show(step)).startsWith("challenge v=");
      return Sasl.show(exchange.take(new byte[0]));
    }
  }

  private static SaslExchange begin(Sasl sasl, DovecotSocket socket, Mechanism mechanism) {
    return sasl.authentication()
        .begin(new AuthSettings(List.of(mechanism), Accounts::none, Optional.of(socket), Optional.empty(),
            Optional.empty(), false,
            GuardSettings.DEFAULT, AuthSettings.NONE.hashing()), mechanism, Sasl.TLS, "mail.example.org",
            sasl.guard.seat(Sasl.CLIENT, true))
        .orElseGet(() -> new DovecotExchange(socket, mechanism, Sasl.TLS, Sasl.CLIENT, sasl.logins()));
  }

  private Process start(Path program) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(folder.resolve("users"), "alice:{PLAIN}wonderland\n");
    var user = System.getProperty("user.name");
    Files.writeString(folder.resolve("dovecot.conf"), """
                                                      base_dir = %1$s/run
                                                      state_dir = %1$s/state
                                                      log_path = %1$s/log
                                                      protocols =
                                                      ssl = no
                                                      default_internal_user = %2$s
                                                      default_login_user = %2$s
                                                      auth_mechanisms = plain login scram-sha-256
                                                      passdb {
                                                        driver = passwd-file
                                                        args = %1$s/users
                                                      }
                                                      service auth {
                                                        user = %2$s
                                                        unix_listener auth-client {
                                                          mode = 0600
                                                          user = %2$s
                                                        }
                                                      }
                                                      """.formatted(folder, user));
    return new ProcessBuilder(program.toString(), "-F", "-c", folder.resolve("dovecot.conf").toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("out").toFile())
        .start();
  }

  /** It says that it starts when it listens. */
  private void awaitStart(Process process) throws InterruptedException {
    for (int i = 0; i < 600 && !read(folder.resolve("log")).contains("starting up"); i++) {
      assertThat(process.waitFor(100, TimeUnit.MILLISECONDS)).as(() -> read(folder.resolve("out"))).isFalse();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
