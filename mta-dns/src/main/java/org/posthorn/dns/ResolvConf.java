package org.posthorn.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The name servers of /etc/resolv.conf (resolv.conf(5)), read again when the file has changed: a daemon that runs for
 * months sees its network change. Safe for use by many threads.
 */
final class ResolvConf implements Supplier<List<InetSocketAddress>> {
  static final Path PATH = Path.of("/etc/resolv.conf");

  private static final int PORT = 53;
  private static final int MAX_SERVERS = 3;
  private static final List<InetSocketAddress> NONE = List
      .of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PORT));

  private record Read(FileTime changed, List<InetSocketAddress> servers) {}

  private final Path file;
  private volatile Read last = new Read(FileTime.fromMillis(Long.MIN_VALUE), NONE);

  ResolvConf(Path file) {
    this.file = file;
  }

  /** Returns at most three servers; the local one when the file names none or cannot be read, as the C library does. */
  @Override
  public List<InetSocketAddress> get() {
    try {
      FileTime changed = Files.getLastModifiedTime(file);
      Read known = last;
      if (!changed.equals(known.changed())) {
        known = new Read(changed, parse(Files.readString(file, StandardCharsets.ISO_8859_1)));
        last = known;
      }
      return known.servers();
    } catch (IOException _) {
      return last.servers(); // being replaced just now, or not there at all
    }
  }

  private static List<InetSocketAddress> parse(String text) {
    List<InetSocketAddress> servers = text.lines()
        .map(String::strip)
        .filter(line -> line.startsWith("nameserver ") || line.startsWith("nameserver\t"))
        .map(line -> line.substring("nameserver".length()).strip())
        .flatMap(ResolvConf::server)
        .limit(MAX_SERVERS)
        .toList();
    return servers.isEmpty() ? NONE : servers;
  }

  private static Stream<InetSocketAddress> server(String text) {
    try {
      return Stream.of(new InetSocketAddress(InetAddress.ofLiteral(text), PORT));
    } catch (IllegalArgumentException _) {
      return Stream.empty(); // the C library ignores such a line as well
    }
  }
}
