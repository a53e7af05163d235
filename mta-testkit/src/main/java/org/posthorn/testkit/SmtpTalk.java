package org.posthorn.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A plain SMTP client for tests: sends lines, reads replies, and fails when a reply is not the one expected. */
public final class SmtpTalk implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final BufferedReader in;
  private final OutputStream out;

  private SmtpTalk(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    this.out = socket.getOutputStream();
  }

  /** Connects to {@code port} on 127.0.0.1; reads nothing yet. */
  public static SmtpTalk connect(int port) throws IOException {
    var socket = new Socket();
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), TIMEOUT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return new SmtpTalk(socket);
  }

  /** Connects, takes the greeting and says EHLO. */
  public static SmtpTalk greet(int port) throws IOException {
    var talk = connect(port);
    talk.expect("220");
    talk.say("EHLO client.example", "250");
    return talk;
  }

  /** Goes on under TLS, with the server {@code name}; this one is of no use any more. */
  public SmtpTalk encrypt(SSLContext tls, String name) throws IOException {
    var encrypted = (SSLSocket) tls.getSocketFactory().createSocket(socket, name, socket.getPort(), true);
    encrypted.startHandshake();
    return new SmtpTalk(encrypted);
  }

  /** Sends {@code line} and expects a reply that begins with {@code reply}; returns it, lines joined by LF. */
  public String say(String line, String reply) throws IOException {
    send(line + "\r\n");
    return expect(reply);
  }

  /** Sends {@code text} as it is, in UTF-8. */
  public void send(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Reads one reply, which must begin with {@code reply}. */
  public String expect(String reply) throws IOException {
    var lines = new StringBuilder();
    String line;
    do {
      line = in.readLine();
      if (line == null) {
        throw new IOException("connection closed; expected " + reply);
      }
      lines.append(lines.isEmpty() ? "" : "\n").append(line);
    } while (line.length() > 3 && line.charAt(3) == '-');
    if (!line.startsWith(reply)) {
      throw new IOException("expected " + reply + ", got " + lines);
    }
    return lines.toString();
  }

  /** Sends one message; returns the reply to its end, which must be 250. */
  public String mail(String from, String to, String content) throws IOException {
    say("MAIL FROM:<" + from + ">", "250");
    say("RCPT TO:<" + to + ">", "250");
    say("DATA", "354");
    send(content);
    return say(".", "250");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
