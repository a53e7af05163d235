package org.posthorn.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Postfix of its own on loopback: configuration, queue and log in a temporary folder, the machine's own Postfix left
 * alone. It takes mail for {@code inbox@peer.example}, refuses other users there, and relays the rest to one next hop.
 *
 * <p>Needs the Debian package postfix and root, as Postfix itself does.
 */
public final class PostfixPeer implements AutoCloseable {
  /** The domain that this Postfix takes mail for. */
  public static final String DOMAIN = "peer.example";

  private final Path folder;
  private final int port;
  private final Path postfix;

  private PostfixPeer(Path folder, int port, Path postfix) {
    this.folder = folder;
    this.port = port;
    this.postfix = postfix;
  }

  /** Starts a Postfix that relays what is not its own to {@code nextHopPort} on loopback. */
  public static PostfixPeer start(int nextHopPort) throws IOException, InterruptedException {
    return start(nextHopPort, "");
  }

  /** The same with {@code more} lines in {@code main.cf}. */
  public static PostfixPeer start(int nextHopPort, String more) throws IOException, InterruptedException {
    var postfix = Needs.program("postfix");
    Needs.root("Postfix");
    var folder = TemporaryFolder.create("posthorn-postfix");
    for (var name : List.of("etc", "queue", "data", "mail")) {
      Files.createDirectory(folder.resolve(name));
    }
    run("chown", "postfix", folder.resolve("data").toString());
    run("chown", "nobody", folder.resolve("mail").toString());
    var peer = new PostfixPeer(folder, FreePort.find(), postfix);
    peer.configure(nextHopPort, more);
    run(postfix.toString(), "-c", folder.resolve("etc").toString(), "start");
    return peer;
  }

  /** Returns the port on 127.0.0.1 that Postfix listens on. */
  public int port() {
    return port;
  }

  /** Returns the messages that arrived for {@code inbox@peer.example}, each as stored. */
  public List<String> inbox() throws IOException {
    var mail = folder.resolve("mail/inbox/new");
    if (!Files.isDirectory(mail)) {
      return List.of();
    }
    try (var files = Files.list(mail)) {
      return files.sorted().map(PostfixPeer::read).toList();
    }
  }

  /** Waits until {@code count} messages have arrived for {@code inbox@peer.example}, at most 60 s; returns them. */
  public List<String> awaitInbox(int count) throws IOException, InterruptedException {
    var delivered = folder.resolve("mail");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    try (var watcher = delivered.getFileSystem().newWatchService()) {
      delivered.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
      while (inbox().size() < count && System.nanoTime() < end) {
        // The mailbox itself appears with the first message; from then on a short wait does.
        watcher.poll(50, TimeUnit.MILLISECONDS);
      }
    }
    return inbox();
  }

  /** Returns what Postfix has logged so far. */
  public String log() throws IOException {
    var log = folder.resolve("log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  @Override
  public void close() throws IOException {
    try {
      run(postfix.toString(), "-c", folder.resolve("etc").toString(), "stop");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      TemporaryFolder.remove(folder);
    }
  }

  private void configure(int nextHopPort, String more) throws IOException {
    var users = Files.readString(Path.of("/etc/passwd")).lines();
    var nobody = users.filter(line -> line.startsWith("nobody:"))
        .map(line -> line.split(":"))
        .findFirst()
        .orElseThrow();
    Files.writeString(folder.resolve("etc/main.cf"), """
                                                     compatibility_level = 3.6
                                                     queue_directory = %1$s/queue
                                                     data_directory = %1$s/data
                                                     maillog_file = %1$s/log
                                                     maillog_file_prefixes = %1$s
                                                     mail_owner = postfix
                                                     setgid_group = postdrop
                                                     myhostname = mx.peer.example
                                                     mydestination =
                                                     alias_maps =
                                                     inet_interfaces = 127.0.0.1
                                                     inet_protocols = ipv4
                                                     mynetworks = 127.0.0.0/8
                                                     smtp_host_lookup = native
                                                     relayhost = [127.0.0.1]:%2$d
                                                     smtpd_tls_security_level = none
                                                     smtp_tls_security_level = none
                                                     virtual_mailbox_domains = peer.example
                                                     virtual_mailbox_maps = inline:{ { inbox@peer.example = inbox/ } }
                                                     virtual_mailbox_base = %1$s/mail
                                                     virtual_minimum_uid = 1
                                                     virtual_uid_maps = static:%3$s
                                                     virtual_gid_maps = static:%4$s
                                                     """.formatted(folder, nextHopPort, nobody[2], nobody[3]) + more);
    // The daemons as Debian runs them, without chroot, the listener moved off port 25.
    try (Stream<String> lines = Files.lines(Path.of("/etc/postfix/master.cf"))) {
      var master = lines.filter(line -> !line.startsWith("#") && !line.isBlank())
          .map(line -> line.replaceFirst("^smtp(\\s+inet)", "127.0.0.1:" + port + "$1"))
          .map(line -> line.replaceFirst("^(\\S+\\s+\\S+\\s+\\S+\\s+\\S+\\s+)y(\\s)", "$1n$2"))
          .toList();
      Files.write(folder.resolve("etc/master.cf"), master);
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    var log = Files.createTempFile("posthorn-postfix", ".out");
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + ": " + Files.readString(log));
      }
    } finally {
      Files.delete(log);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
