package org.posthorn.daemon.packaged;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What a daemon needs at one moment.
 *
 * @param heap octets of heap in use, garbage included
 * @param committed octets that the heap has of the machine's memory
 * @param rss octets of memory, the heap included as far as it was ever used
 * @param threads threads of the system
 * @param files open files, sockets too
 * @param journal octets of the journal
 * @param index octets of the index
 * @param spooled entries in the spool
 */
record ProcessSample(long heap, long committed, long rss, long threads, long files, long journal, long index,
    long spooled) {
  /** Looks at {@code daemon}, which serves its metrics at {@code port}. */
  static ProcessSample of(PackagedDaemon daemon, int port) throws IOException, InterruptedException {
    var process = Path.of("/proc", Long.toString(daemon.pid()));
    var status = Files.readString(process.resolve("status"));
    var data = daemon.home().resolve("data");
    var metrics = metrics(port);
    return new ProcessSample(metric("posthorn_heap_bytes", metrics), metric("posthorn_heap_committed_bytes", metrics),
        1024 * field(status, "VmRSS:"), field(status, "Threads:"),
        count(process.resolve("fd"), ""), bytes(data.resolve("journal")), length(data.resolve("index.mv.db")),
        count(data.resolve("spool"), ".msg"));
  }

  private static String metrics(int port) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private static long metric(String name, String metrics) {
    return metrics.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static long field(String status, String name) {
    return status.lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static long count(Path directory, String suffix) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).count();
    } catch (UncheckedIOException _) { // something went away meanwhile
      return 0;
    }
  }

  private static long bytes(Path directory) throws IOException {
    long bytes = 0;
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        bytes += Files.isRegularFile(file) ? length(file) : 0;
      }
    }
    return bytes;
  }

  private static long length(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }
}
