package org.posthorn.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A Dovecot of its own on loopback, all of it in a temporary folder. Alice has a mailbox there, and what she authorizes for
 * submission (RFC 4467) the user {@code submit} may fetch, whose password is {@code secret}. Its certificate is {@code peer}
 * of {@link TestTls}.
 *
 * <p>Needs the Debian package dovecot-imapd, version 2.3, and root, as Dovecot itself does.
 */
public final class DovecotPeer implements AutoCloseable {
  private static final String RUN = "run/token-login/";
  private static final int PATIENCE_SECONDS = 60;
  private static final int TALK_MILLIS = 60_000;
  private static final Pattern APPENDED = Pattern.compile("\\[APPENDUID ([0-9]+) ([0-9]+)]");
  private static final Pattern URL = Pattern.compile("imap://[^\\s\"]+");

  private final Path folder;
  private final int port;
  private final int tlsPort;
  private final Process process;
  private final TokenRelay relay;

  private DovecotPeer(Path folder, int port, int tlsPort) throws IOException, InterruptedException {
    this.folder = folder;
    this.port = port;
    this.tlsPort = tlsPort;
    process = new ProcessBuilder(Needs.program("dovecot").toString(), "-F", "-c", configure().toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("out").toFile())
        .start();
    awaitStart();
    relay = TokenRelay.start(folder.resolve(RUN + "tokenlogin"), folder.resolve(RUN + "auth-tokenlogin"));
  }

  /** Starts a Dovecot with empty mailboxes. */
  public static DovecotPeer start() throws IOException, InterruptedException {
    Needs.program("dovecot");
    Needs.installed(Path.of("/usr/lib/dovecot/imap-urlauth"), "dovecot-imapd");
    Needs.root("Dovecot");
    return new DovecotPeer(TemporaryFolder.create("posthorn-dovecot"), FreePort.find(), FreePort.find());
  }

  /** Returns the port for IMAP, which offers STARTTLS; URLs have it, with {@code localhost}. */
  public int port() {
    return port;
  }

  /** Returns the port for IMAP under TLS. */
  public int tlsPort() {
    return tlsPort;
  }

  /** Puts {@code message}, in ASCII with CRLF, into alice's mailbox; returns the URL by which she may submit it. */
  public String authorized(String message) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TALK_MILLIS);
      var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      lines.readLine();
      say(socket, lines, "LOGIN alice x");
      var uid = APPENDED.matcher(say(socket, lines, "APPEND INBOX {" + message.length() + "+}\r\n" + message));
      if (!uid.find()) {
        throw new IOException("Dovecot tells no UID");
      }
      var url = URL.matcher(say(socket, lines, "GENURLAUTH \"imap://alice@localhost:" + port + "/INBOX;UIDVALIDITY="
          + uid.group(1) + "/;UID=" + uid.group(2) + ";URLAUTH=submit+alice\" INTERNAL"));
      if (!url.find()) {
        throw new IOException("Dovecot tells no URL");
      }
      return url.group();
    }
  }

  private static String say(Socket socket, BufferedReader lines, String command) throws IOException {
    socket.getOutputStream().write(("a " + command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    var answer = new StringBuilder();
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      answer.append(line).append('\n');
      if (line.startsWith("a OK")) {
        return answer.toString();
      }
      if (line.startsWith("a ")) {
        break;
      }
    }
    throw new IOException("Dovecot answers " + answer);
  }

  /** Returns what Dovecot has logged so far. */
  public String log() throws IOException {
    var log = folder.resolve("log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    relay.close();
    TemporaryFolder.remove(folder);
  }

  /** It says that it starts when it listens everywhere. */
  private void awaitStart() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!log().contains("starting up")) {
      if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
        process.destroy();
        throw new IOException("Dovecot does not start: " + Files.readString(folder.resolve("out")) + log());
      }
    }
  }

  private Path configure() throws IOException {
    TestTls.pem(folder, TestTls.PEER);
    Files.writeString(folder.resolve("users"), "alice:{PLAIN}x\nsubmit:{PLAIN}secret\n");
    Files.setPosixFilePermissions(Files.createDirectory(folder.resolve("mail")),
        PosixFilePermissions.fromString("rwxrwxrwx"));
    return Files.writeString(folder.resolve("dovecot.conf"), """
                                                             base_dir = %1$s/run
                                                             state_dir = %1$s/state
                                                             log_path = %1$s/log
                                                             protocols = imap
                                                             listen = 127.0.0.1
                                                             ssl = yes
                                                             ssl_cert = <%1$s/peer.pem
                                                             ssl_key = <%1$s/peer.pem
                                                             mail_location = maildir:%1$s/mail/%%u
                                                             mail_attribute_dict = file:%1$s/mail/%%u-attributes
                                                             first_valid_uid = 1
                                                             imap_urlauth_host = localhost
                                                             imap_urlauth_port = %2$d
                                                             imap_urlauth_submit_user = submit
                                                             passdb {
                                                               driver = passwd-file
                                                               args = %1$s/users
                                                             }
                                                             userdb {
                                                               driver = static
                                                               args = uid=nobody gid=nogroup home=%1$s/mail/%%u
                                                             }
                                                             service imap-login {
                                                               inet_listener imap {
                                                                 port = %2$d
                                                               }
                                                               inet_listener imaps {
                                                                 port = %3$d
                                                               }
                                                             }
                                                             # TokenRelay stands at the usual place.
                                                             service auth {
                                                               unix_listener token-login/tokenlogin {
                                                                 mode = 0
                                                               }
                                                               unix_listener token-login/auth-tokenlogin {
                                                                 mode = 0600
                                                               }
                                                             }
                                                             """.formatted(folder, port, tlsPort));
  }
}
