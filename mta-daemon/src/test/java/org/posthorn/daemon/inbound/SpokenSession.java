package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.smtp.DotDecoder;
import org.posthorn.smtp.LineFraming;

/** A session driven with what a client sends, without network or threads; what may block runs at once. */
final class SpokenSession {
  /** A client that may send to everyone. */
  static final String TRUSTED = "192.0.2.7";
  /** A client that may not. */
  static final String STRANGER = "198.51.100.7";

  private final Function<Client, SmtpSession> sessions;
  private Client client;
  private SmtpSession session;
  private final LineFraming framing;
  private final StringBuilder replies = new StringBuilder();
  private boolean closed;
  private boolean prompted;
  private Duration held = Duration.ZERO;

  SpokenSession(Inbound inbound, InboundSettings settings, String client) {
    this(inbound, settings, client, Terms.of(Kind.MX));
  }

  /** The same on a listener of these terms. */
  SpokenSession(Inbound inbound, InboundSettings settings, String from, Terms terms) {
    InboundRules rules = InboundRules.of(settings);
    InetAddress address = InetAddress.ofLiteral(from);
    framing = new LineFraming(settings.session().commandLineBytes());
    sessions = next -> new SmtpSession(next, terms, rules, new SessionPorts(inbound.intake,
        inbound.authentication, inbound.quotas, inbound.counters, inbound));
    client = new Client(address, rules.policy().isTrusted(address));
    session = sessions.apply(client);
  }

  /** Sends {@code octets}, one character each, and returns the replies to them, lines ended by LF. */
  String send(String octets) {
    replies.setLength(0);
    byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
    int at = 0;
    while (at < bytes.length && !closed) {
      at = framing.take(bytes, at, bytes.length);
      var line = framing.poll();
      if (line.isPresent()) {
        boolean isResponse = prompted;
        prompted = false;
        at = follow(isResponse ? session.response(line.get()) : session.answer(line.get().command()), bytes, at);
      }
    }
    return replies.toString();
  }

  /** Sends lines, whatever their ends here, with CRLF. */
  String lines(String text) {
    return send(text.replace("\n", "\r\n"));
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns how long replies were held back, all together. */
  Duration held() {
    return held;
  }

  SmtpSession session() {
    return session;
  }

  Client client() {
    return client;
  }

  private int follow(Answer answer, byte[] bytes, int at) {
    return switch (answer) {
      case Answer.Now(var reply) -> {
        replies.append(reply.toWire().replace("\r", ""));
        yield at;
      }
      case Answer.StartTls(var reply) -> {
        replies.append(reply.toWire().replace("\r", ""));
        yield at < bytes.length ? follow(session.pipelinedBehindStartTls(), bytes, at) : at;
      }
      case Answer.Last(var reply) -> {
        replies.append(reply.toWire().replace("\r", ""));
        closed = true;
        yield bytes.length;
      }
      case Answer.Held(var delay, var then) -> {
        held = held.plus(delay);
        yield follow(then, bytes, at);
      }
      case Answer.Prompt(var reply, var _) -> {
        replies.append(reply.toWire().replace("\r", ""));
        prompted = true;
        yield at;
      }
      case Answer.Become(var next, var hello) -> {
        client = next;
        session = sessions.apply(next);
        hello.ifPresent(session::begunBy);
        replies.append(session.greeting().toWire().replace("\r", ""));
        yield at;
      }
      case Answer.Turn(var reply, var _) -> {
        replies.append(reply.toWire().replace("\r", ""));
        closed = true;
        yield bytes.length;
      }
      case Answer.Repeated(var reply, var times) -> {
        replies.append(reply.toWire().replace("\r", "").repeat(times));
        yield at;
      }
      case Answer.Later(var work, var _) -> follow(work.get(), bytes, at);
      case Answer.Lines(var reply, var sink) -> {
        replies.append(reply.toWire().replace("\r", ""));
        int end = content(bytes, at, sink);
        yield end < 0 ? bytes.length : follow(session.endOfData(), bytes, end);
      }
      case Answer.Octets(var length, var sink) -> {
        int end = Math.toIntExact(Math.min(bytes.length, at + length));
        if (end > at) {
          sink.take(bytes, at, end);
        }
        yield end - at < length ? bytes.length : follow(session.endOfChunk(length), bytes, end);
      }
    };
  }

  /** Returns where the data ended, or -1 when it did not. */
  private static int content(byte[] bytes, int from, MessageSink sink) {
    var decoder = new DotDecoder();
    try {
      int at = from;
      while (at < bytes.length && !decoder.isEnded()) {
        at = decoder.take(bytes, at, Math.min(bytes.length, at + 1000), sink);
        if (sink.isFull()) {
          sink.drain();
        }
      }
      return decoder.isEnded() ? at : -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
