package org.posthorn.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * An OpenLDAP of its own on loopback, the machine's own left alone: the suffix {@code dc=example,dc=org}, which nobody may read
 * but {@code cn=reader,dc=example,dc=org} with the password {@code secret}. Its certificate is {@code peer} of {@link TestTls}.
 *
 * <p>Needs the Debian package slapd.
 */
public final class SlapdPeer implements AutoCloseable {
  private static final String ENTRIES = """
                                        dn: dc=example,dc=org
                                        objectClass: dcObject
                                        objectClass: organization
                                        dc: example
                                        o: example

                                        dn: cn=reader,dc=example,dc=org
                                        objectClass: person
                                        cn: reader
                                        sn: reader
                                        userPassword: secret

                                        dn: ou=people,dc=example,dc=org
                                        objectClass: organizationalUnit
                                        ou: people

                                        """;

  private final int port;
  private final int tlsPort;
  private final Process process;

  private SlapdPeer(int port, int tlsPort, Process process) {
    this.port = port;
    this.tlsPort = tlsPort;
    this.process = process;
  }

  /** Starts one in {@code folder} with {@code entries} in LDIF below {@code ou=people,dc=example,dc=org}. */
  public static SlapdPeer start(Path folder, String entries) throws IOException, InterruptedException {
    var slapd = Needs.program("slapd");
    var database = Files.createDirectory(folder.resolve("slapd-data"));
    var certificate = TestTls.pem(folder, "peer");
    var settings = Files.writeString(folder.resolve("slapd.conf"),
        """
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/inetorgperson.schema
        modulepath /usr/lib/ldap
        moduleload back_mdb
        TLSCertificateFile %1$s
        TLSCertificateKeyFile %1$s
        pidfile %2$s/slapd.pid
        argsfile %2$s/slapd.args
        database mdb
        suffix "dc=example,dc=org"
        directory %2$s
        maxsize 10485760
        access to attrs=userPassword by anonymous auth by * none
        access to * by dn="cn=reader,dc=example,dc=org" read by * none
        """.formatted(certificate, database));
    var ldif = Files.writeString(folder.resolve("entries.ldif"), ENTRIES + entries);
    finish(new ProcessBuilder(slapd.resolveSibling("slapadd").toString(), "-q", "-f", settings.toString(), "-l",
        ldif.toString()));
    int port = FreePort.find();
    int tlsPort = FreePort.find();
    var process = new ProcessBuilder(slapd.toString(), "-d", "stats", "-f", settings.toString(), "-h",
        "ldap://127.0.0.1:%d ldaps://127.0.0.1:%d".formatted(port, tlsPort)).redirectErrorStream(true).start();
    var peer = new SlapdPeer(port, tlsPort, process);
    peer.awaitStart();
    peer.awaitListening(port);
    peer.awaitListening(tlsPort);
    return peer;
  }

  private static void finish(ProcessBuilder program) throws IOException, InterruptedException {
    var process = program.redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(program.command() + ": " + output);
    }
  }

  private void awaitStart() throws IOException {
    var output = new StringBuilder();
    var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      output.append(line).append('\n');
      if (line.contains("slapd starting")) {
        Thread.ofVirtual().start(() -> drain(lines));
        return;
      }
    }
    throw new IOException("slapd did not start: " + output);
  }

  /** It begins to listen a moment after it has said that it starts. */
  private void awaitListening(int place) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try (var _ = new Socket(InetAddress.getLoopbackAddress(), place)) {
        return;
      } catch (ConnectException e) {
        if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
          throw e;
        }
      }
    }
  }

  /** A server that nobody listens to stands still. */
  private static void drain(BufferedReader lines) {
    try (lines) {
      lines.transferTo(Writer.nullWriter());
    } catch (IOException _) {
      // it was stopped
    }
  }

  /** Returns the port on 127.0.0.1 for {@code ldap:}, where StartTLS is spoken. */
  public int port() {
    return port;
  }

  /** Returns the port on 127.0.0.1 for {@code ldaps:}. */
  public int tlsPort() {
    return tlsPort;
  }

  /** Ends it; who asks finds nobody. */
  public void stop() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
  }
}
