package org.posthorn.daemon.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.posthorn.daemon.cli.Protection.Login;
import org.posthorn.daemon.cli.Protection.Start;
import org.posthorn.smtp.Capabilities;
import org.posthorn.smtp.Capabilities.Extension;
import org.posthorn.smtp.DotEncoder;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ReplyReader;

/**
 * Hands one message to a server, and lets somebody watch. A plain client for a person's own server, one command at a time; the
 * client that delivers mail is in mta-delivery. All or nothing: when one recipient is refused, none gets the message, so
 * that it can be sent again.
 */
final class SmtpSubmission implements AutoCloseable {
  private static final int BUFFER = 1 << 15;
  private static final int GO_ON = 334; // RFC 4954 §4
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration REPLY = Duration.ofMinutes(10); // RFC 5321 §4.5.3.2.6, the longest

  /** What one message is sent with: all of it already in the form of the wire. */
  record Message(String from, List<String> recipients, String mailParameters, String rcptParameters, Path content) {}

  /** Writes a message, line ends CRLF and no dots doubled. */
  @FunctionalInterface
  interface Content {
    /** Returns how many octets it wrote. */
    long writeTo(OutputStream out) throws IOException;
  }

  private final Socket socket;
  private ReplyReader replies;
  private OutputStream out;
  private Optional<Protection> protection = Optional.empty();
  private final Consumer<String> watcher;
  private Capabilities capabilities = Capabilities.NONE;

  private SmtpSubmission(Socket socket, Consumer<String> watcher) throws IOException {
    this.socket = socket;
    this.watcher = watcher;
    replies = new ReplyReader(socket.getInputStream());
    out = new BufferedOutputStream(socket.getOutputStream(), BUFFER);
  }

  /** Connects; {@code watcher} is shown every line of the dialogue, with {@code <} or {@code >} in front. */
  static SmtpSubmission connect(InetSocketAddress server, Consumer<String> watcher) throws IOException {
    var socket = new Socket();
    try {
      socket.connect(server, (int) CONNECT.toMillis());
      socket.setSoTimeout((int) REPLY.toMillis());
      return new SmtpSubmission(socket, watcher);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Has the session that begins protected like this. */
  SmtpSubmission with(Protection wanted) {
    protection = Optional.of(wanted);
    return this;
  }

  /**
   * Takes the greeting, says hello, and protects the session if that is wanted; the capabilities are those of the last hello.
   * Returns the reply that refuses, or the last.
   */
  Reply greet(String helo) throws IOException {
    if (protection.filter(wanted -> wanted.start() == Start.IMPLICIT).isPresent()) {
      encrypt(protection.get());
    }
    var greeting = read();
    if (!greeting.isPositive()) {
      return greeting;
    }
    var hello = hello(helo);
    if (hello.isPositive() && protection.filter(wanted -> wanted.start() == Start.STARTTLS).isPresent()) {
      hello = command("STARTTLS");
      if (hello.isPositive()) {
        encrypt(protection.get());
        hello = hello(helo);
      }
    }
    var login = protection.flatMap(Protection::login);
    return hello.isPositive() && login.isPresent() ? login(login.get()) : hello;
  }

  private void encrypt(Protection wanted) throws IOException {
    var encrypted = wanted.tls().encrypt(socket, wanted.host());
    var facts = encrypted.facts();
    watcher.accept("= " + facts.version() + " " + facts.cipher() + ", "
        + facts.doubt().map(doubt -> "not verified: " + doubt).orElse("verified"));
    replies = new ReplyReader(encrypted.socket().getInputStream());
    out = new BufferedOutputStream(encrypted.socket().getOutputStream(), BUFFER);
    if (wanted.isVerified() && !facts.isVerified()) {
      throw new IOException("the server cannot be trusted: " + facts.doubt().orElse(""));
    }
  }

  /** Says who we are, by PLAIN (RFC 4616) or by LOGIN, and shows nobody the password. */
  private Reply login(Login login) throws IOException {
    var offered = capabilities.authMechanisms();
    if (offered.contains("PLAIN")) {
      return command("AUTH PLAIN " + base64("\0" + login.user() + "\0" + login.password()), "AUTH PLAIN ***");
    }
    if (!offered.contains("LOGIN")) {
      throw new IOException("the server offers neither AUTH PLAIN nor AUTH LOGIN");
    }
    var answer = command("AUTH LOGIN");
    if (answer.code() == GO_ON) {
      answer = command(base64(login.user()));
    }
    return answer.code() == GO_ON ? command(base64(login.password()), "***") : answer;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private Reply hello(String helo) throws IOException {
    var ehlo = command("EHLO " + helo);
    if (!ehlo.isPositive()) {
      return command("HELO " + helo);
    }
    capabilities = Capabilities.of(ehlo);
    return ehlo;
  }

  /** Returns what the server offers. */
  Capabilities capabilities() {
    return capabilities;
  }

  /** Sends {@code message}; returns the reply to its end, or the first that refuses. */
  Reply send(String helo, Message message) throws IOException {
    var hello = greet(helo);
    if (!hello.isPositive()) {
      return hello;
    }
    var mail = command("MAIL FROM:<" + message.from() + ">" + parameters(message, capabilities));
    if (!mail.isPositive()) {
      return mail;
    }
    for (var recipient : message.recipients()) {
      boolean hasDsn = capabilities.has(Extension.DSN);
      var rcpt = command("RCPT TO:<" + recipient + ">" + (hasDsn ? message.rcptParameters() : ""));
      if (!rcpt.isPositive()) {
        return rcpt;
      }
    }
    try (InputStream in = Files.newInputStream(message.content())) {
      return data(in::transferTo);
    }
  }

  /** Sends DATA and what {@code content} writes; when it throws, the message has no end and the session must be left. */
  Reply data(Content content) throws IOException {
    var answer = command("DATA");
    if (answer.code() != 354) {
      return answer;
    }
    var data = new DotEncoder(out);
    watcher.accept("> (the message, " + content.writeTo(data) + " octets)");
    data.finish();
    watcher.accept("> .");
    return read();
  }

  /** Ends the session without a word: what was begun is dropped by the server. */
  void leave() {
    try {
      socket.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }

  /** Says goodbye when there is somebody to say it to. */
  @Override
  public void close() throws IOException {
    try (socket) {
      command("QUIT");
    } catch (IOException _) {
      // What matters has been said.
    }
  }

  private static String parameters(Message message, Capabilities capabilities) throws IOException {
    var parameters = new StringBuilder();
    if (capabilities.has(Extension.SIZE)) {
      parameters.append(" SIZE=").append(Files.size(message.content()));
    }
    if (capabilities.has(Extension.EIGHT_BIT_MIME)) {
      parameters.append(" BODY=8BITMIME");
    }
    boolean isInternational = (message.from() + message.recipients()).chars().anyMatch(c -> c > 127);
    if (isInternational && capabilities.has(Extension.SMTPUTF8)) {
      parameters.append(" SMTPUTF8");
    }
    if (capabilities.has(Extension.DSN)) {
      parameters.append(message.mailParameters());
    }
    return parameters.toString();
  }

  /** Sends a command, and returns the reply. */
  Reply command(String line) throws IOException {
    return command(line, line);
  }

  private Reply command(String line, String shown) throws IOException {
    watcher.accept("> " + shown);
    out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
    return read();
  }

  private Reply read() throws IOException {
    var reply = replies.read();
    var last = reply.lines().size() - 1;
    for (int i = 0; i <= last; i++) {
      watcher.accept("< " + reply.code() + (i == last ? " " : "-")
          + reply.status().map(status -> status + " ").orElse("") + reply.lines().get(i));
    }
    return reply;
  }
}
