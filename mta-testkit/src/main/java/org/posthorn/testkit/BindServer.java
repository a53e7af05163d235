package org.posthorn.testkit;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * BIND's {@code named} as a process of its own, authoritative for the zones of a test, on a free port of 127.0.0.1.
 * Everything that it writes goes to a temporary folder; closing kills it and removes the folder.
 */
public final class BindServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 5;

  private final Process process;
  private final Path folder;
  private final InetSocketAddress address;

  private BindServer(Process process, Path folder, InetSocketAddress address) {
    this.process = process;
    this.folder = folder;
    this.address = address;
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param zones the records of each zone by its name, in the format of zone files (RFC 1035 §5), with or without an SOA: a
   *     zone without one gets one with a negative TTL of 60 s, and itself as name server
   */
  public static BindServer start(Map<String, String> zones) throws IOException, InterruptedException {
    Path program = Needs.program("named");
    for (int attempt = 1;; attempt++) {
      Path folder = Files.createTempDirectory("posthorn-bind");
      var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), FreePort.find());
      var server = new BindServer(run(program, folder, address, zones), folder, address);
      if (server.isReady(zones.keySet())) {
        return server;
      }
      String log = server.log();
      server.close();
      if (attempt == ATTEMPTS) { // another process may have taken the port in between, but hardly each time
        throw new IOException("named does not answer:\n" + log);
      }
    }
  }

  private static Process run(Path program, Path folder, InetSocketAddress address, Map<String, String> zones)
      throws IOException {
    var configuration = new StringBuilder("""
                                          options {
                                            directory "%1$s";
                                            listen-on port %2$d { 127.0.0.1; };
                                            listen-on-v6 { none; };
                                            pid-file none;
                                            session-keyfile none;
                                            managed-keys-directory "%1$s";
                                            recursion no;
                                            minimal-responses yes;
                                            empty-zones-enable no;
                                            dnssec-validation no;
                                          };
                                          controls { };
                                          """.formatted(folder, address.getPort()));
    for (var zone : zones.entrySet()) {
      Path file = folder.resolve(zone.getKey() + ".zone");
      Files.writeString(file, zoneFile(zone.getValue()), StandardCharsets.UTF_8);
      configuration
          .append("zone \"%s\" { type primary; file \"%s\"; check-names ignore; };\n".formatted(zone.getKey(), file));
    }
    Path file = Files.writeString(folder.resolve("named.conf"), configuration);
    var command = List.of(program.toString(), "-g", "-n", "1", "-c", file.toString());
    return new ProcessBuilder(command).directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private static String zoneFile(String records) {
    String head = records.contains(" SOA ")
        ? ""
        : "@ 3600 SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n";
    return "$TTL 300\n" + head + records + "\n";
  }

  /** Asks until each zone has loaded; false when the process ends first, or refuses a zone. */
  private boolean isReady(Set<String> zones) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Set<String> missing = new HashSet<>(zones);
    while (!missing.isEmpty()) {
      if (!process.isAlive() || System.nanoTime() > deadline || log().contains("not loaded due to errors")) {
        return false;
      }
      for (String zone : zones) {
        if (isServed(zone)) {
          missing.remove(zone);
        } else {
          process.waitFor(50, TimeUnit.MILLISECONDS);
        }
      }
    }
    return true;
  }

  private boolean isServed(String zone) throws IOException {
    byte[] query = DnsWire.query(zone, "SOA");
    try (var socket = new DatagramSocket()) {
      socket.connect(address);
      socket.setSoTimeout(200);
      socket.send(new DatagramPacket(query, query.length));
      var answer = new DatagramPacket(new byte[512], 512);
      socket.receive(answer);
      return (ByteBuffer.wrap(answer.getData()).getShort(2) & 0x0f) == DnsWire.NOERROR;
    } catch (SocketTimeoutException | SocketException _) {
      return false; // it is silent, or does not listen yet
    }
  }

  /** Returns where it listens, by UDP and TCP. */
  public InetSocketAddress address() {
    return address;
  }

  /** Returns what it logged so far. */
  public String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    process.onExit().join();
    var paths = new ArrayList<Path>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(paths::add);
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
