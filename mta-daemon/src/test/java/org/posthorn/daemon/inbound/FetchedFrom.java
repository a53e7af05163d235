package org.posthorn.daemon.inbound;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** An IMAP server that has the same message behind every URL, for any number of clients. */
final class FetchedFrom implements AutoCloseable {
  private final ServerSocket door = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
  private final String message;

  FetchedFrom(String message) throws IOException {
    this.message = message;
    Thread.ofVirtual().start(this::serve);
  }

  BurlSettings.Place place() {
    return new BurlSettings.Place("127.0.0.1", door.getLocalPort());
  }

  private void serve() {
    while (!door.isClosed()) {
      try (var client = door.accept()) {
        talk(client);
      } catch (IOException _) {
        // the client has gone, or the test is over
      }
    }
  }

  private void talk(Socket client) throws IOException {
    var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
    say(client, "* OK ready\r\n");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      var answer = line.contains("AUTHENTICATE")
          ? "+\r\n"
          : line.contains("URLFETCH")
              ? "* URLFETCH x {" + message.length() + "}\r\n" + message + "\r\na3 OK\r\n"
              : line.contains("LOGOUT")
                  ? ""
                  : "a2 OK\r\n";
      say(client, answer);
    }
  }

  private static void say(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() throws IOException {
    door.close();
  }
}
