package org.posthorn.delivery;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.posthorn.delivery.tls.OutboundTls;
import org.posthorn.queue.RemoteMta;
import org.posthorn.queue.RemoteTls;
import org.posthorn.smtp.Capabilities;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ReplyReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to one server: lines out, replies in, and how far the dialogue has come. Commands wait in a buffer until a
 * reply is wanted, so a pipelined batch is one write. Used by one thread.
 *
 * <p>Each wait has a limit; when it is over, or the server says 421, the wait ends with an IOException and the connection is
 * of no use any more.
 */
final class SmtpConnection implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(SmtpConnection.class);
  private static final int OUTPUT_BYTES = 16 * 1024;
  private static final int CLOSING = 421;

  private final Peer peer;
  private final Protocol protocol;
  private final ClientTimeouts timeouts;
  private final Transport transport;
  private ReplyReader replies;
  private OutputStream out;
  private Optional<RemoteTls> tls = Optional.empty();
  private Capabilities capabilities = Capabilities.NONE;
  private ServerLimits limits = new ServerLimits(capabilities);
  private Stage stage = Stage.GREETING;
  private int transactions;
  private boolean needsReset;
  private boolean isRetired;
  private boolean hasContent; // the current transaction has begun to send its message
  private boolean isContentOut; // ... and all of it has left us

  private SmtpConnection(Peer peer, Protocol protocol, ClientTimeouts timeouts, Transport.Connected connected) {
    this.peer = peer;
    this.protocol = protocol;
    this.timeouts = timeouts;
    this.transport = connected.transport();
    this.replies = new ReplyReader(connected.in());
    this.out = new BufferedOutputStream(connected.out(), OUTPUT_BYTES);
  }

  /** Connects to {@code peer}; {@link #greet} is to follow. */
  static SmtpConnection connect(Peer peer, Protocol protocol, ClientTimeouts timeouts, Watchdog watchdog)
      throws IOException {
    return new SmtpConnection(peer, protocol, timeouts,
        Transport.connect(peer.address(), timeouts.connect(), watchdog));
  }

  /** Goes on over a connection that the other side opened; {@link #greet} is to follow. */
  static SmtpConnection over(Reversed reversed, ClientTimeouts timeouts, Watchdog watchdog) {
    var connection = new SmtpConnection(new Peer(reversed.host(), reversed.address()), Protocol.SMTP, timeouts,
        Transport.over(reversed, watchdog));
    connection.tls = reversed.tls();
    return connection;
  }

  /**
   * Waits for the greeting and says hello. Returns the last reply, which is positive when the server is ready for a
   * transaction.
   */
  Reply greet(Domain hostname) throws IOException {
    Reply greeting = receive(Stage.GREETING, timeouts.greeting());
    if (!greeting.isPositive()) {
      return greeting;
    }
    return hello(hostname);
  }

  /** Says hello, by HELO to a server that does not know EHLO (RFC 5321 §3.2), and returns the reply to it. */
  Reply hello(Domain hostname) throws IOException {
    forgetOffers();
    send(protocol.hello() + " " + hostname);
    Reply hello = receive(Stage.HELLO, timeouts.command());
    if (hello.isPermanent() && protocol == Protocol.SMTP) {
      send("HELO " + hostname);
      return receive(Stage.HELLO, timeouts.command());
    }
    if (hello.isPositive()) {
      capabilities = Capabilities.of(hello);
      limits = new ServerLimits(capabilities);
    }
    return hello;
  }

  /**
   * Asks for TLS and makes the handshake (RFC 3207 §4); {@link #hello} is to follow, for all that the server said before is
   * forgotten. Returns the reply; when it is negative the connection goes on as it was.
   *
   * @throws HandshakeException when the server offered what does not work; the connection is of no use any more
   */
  Reply startTls(OutboundTls outboundTls) throws IOException {
    send("STARTTLS");
    Reply reply = receive(Stage.STARTTLS, timeouts.command());
    if (!reply.isPositive()) {
      return reply;
    }
    if (replies.dropUnread()) { // put there by someone between us, to be taken for replies that came encrypted
      log.atWarn().addKeyValue("relay", remote()).log("replies in front of a TLS handshake dropped");
    }
    transport.limit(timeouts.connect());
    try {
      var secured = transport.encrypt(plain -> outboundTls.encrypt(plain, peer.host()));
      replies = new ReplyReader(secured.connected().in());
      out = new BufferedOutputStream(secured.connected().out(), OUTPUT_BYTES);
      tls = Optional.of(secured.encrypted().facts());
    } catch (IOException e) {
      throw new HandshakeException(e);
    }
    forgetOffers();
    return reply;
  }

  /** What a server says of itself is over with the next hello, even when that says nothing (RFC 9422 §3). */
  private void forgetOffers() {
    capabilities = Capabilities.NONE;
    limits = new ServerLimits(capabilities);
  }

  /** Puts a command line into the buffer. */
  void send(String line) throws IOException {
    log.atDebug().addKeyValue("peer", peer.where()).addKeyValue("line", () -> Printable.of(line)).log("client says");
    transport.limit(timeouts.command()); // a full buffer goes out at once, and a server need not read it
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\r');
    out.write('\n');
  }

  /** Sends what is in the buffer and waits for the next reply. Throws {@link ServerClosing} when it is 421. */
  Reply receive(Stage waiting, Duration limit) throws IOException {
    stage = waiting;
    transport.limit(limit);
    out.flush();
    isContentOut = hasContent;
    Reply reply = replies.read();
    log.atDebug().addKeyValue("peer", peer.where()).addKeyValue("line", reply::toString).log("server says");
    if (reply.code() == CLOSING) {
      throw new ServerClosing(reply);
    }
    return reply;
  }

  /** Returns where the message goes; {@link #beginBlock} is called before each piece. */
  OutputStream content() {
    return out;
  }

  /** Allows for the time that the server may need to take the next piece of the message. */
  void beginBlock() {
    hasContent = true;
    stage = Stage.CONTENT;
    transport.limit(timeouts.dataBlock());
  }

  /** Says that the server has an open transaction that comes to nothing, so that RSET must go before the next. */
  void abandonTransaction() {
    needsReset = true;
  }

  /** Counts a new transaction; returns whether RSET must go before it. */
  boolean beginTransaction() {
    transactions++;
    hasContent = false;
    isContentOut = false;
    boolean reset = needsReset;
    needsReset = false;
    return reset;
  }

  /** Says that nothing more can be sent over it, though it still answers. */
  void retire() {
    isRetired = true;
  }

  /** Returns a reply that came though the connection broke. */
  Optional<Reply> lastWords() {
    try {
      return replies.hasUnread() ? Optional.of(replies.read()) : Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /** Lets the connection wait for a next transaction. */
  void rest() {
    transport.unlimited();
  }

  /** Whether it can serve another transaction: a server that has spoken unasked has said goodbye, or lost count. */
  boolean isReusable(int maxTransactions) {
    try {
      return transactions < maxTransactions && limits.allowsMailAfter(transactions) && !isRetired
          && !replies.hasUnread();
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * Whether the connection, now broken, was dead before the current transaction began: it served others, and not one reply
   * has come in this one.
   */
  boolean wasDead() {
    return transactions > 1 && (stage == Stage.MAIL || stage == Stage.RESET);
  }

  /** Whether the server may have the whole message of the current transaction, although it did not say so. */
  boolean mayHaveMessage() {
    return isContentOut;
  }

  /** Returns what the server offers. */
  Capabilities capabilities() {
    return capabilities;
  }

  /** Returns how much the session may hold. */
  ServerLimits limits() {
    return limits;
  }

  /** Returns what the server speaks. */
  Protocol protocol() {
    return protocol;
  }

  /** Returns how long each wait may take. */
  ClientTimeouts timeouts() {
    return timeouts;
  }

  /** Returns how far the dialogue has come. */
  Stage stage() {
    return stage;
  }

  /** Returns how logs and DSNs name the server. */
  RemoteMta remote() {
    return peer.remote(tls);
  }

  /** Returns the server. */
  Peer peer() {
    return peer;
  }

  /** Returns how the connection is encrypted, if it is. */
  Optional<RemoteTls> tls() {
    return tls;
  }

  /** Says QUIT, waits a little for the answer, and closes. */
  void quit() {
    try (this) {
      send("QUIT");
      Reply _ = receive(stage, timeouts.quit());
      transport.sayEnd();
    } catch (IOException e) {
      log.atDebug().addKeyValue("peer", peer.where()).addKeyValue("why", Printable.of(e.toString())).log("no goodbye");
    }
  }

  /** Says QUIT and closes at once: nothing that such a server answers is worth a wait. */
  void leave() {
    try (this) {
      send("QUIT");
      transport.limit(timeouts.quit());
      out.flush();
      transport.sayEnd();
    } catch (IOException e) {
      log.atDebug().addKeyValue("peer", peer.where()).addKeyValue("why", Printable.of(e.toString())).log("no goodbye");
    }
  }

  /** Drops the connection without a word. */
  @Override
  public void close() {
    transport.close();
  }
}
