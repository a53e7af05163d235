package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.smtp.CommandLine;
import org.posthorn.smtp.DotDecoder;
import org.posthorn.smtp.LineFraming;
import org.posthorn.smtp.Reply;

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
  private final StringBuilder wire = new StringBuilder();
  private Input input = new Input.Commands();
  private Duration held = Duration.ZERO;

  /** What the next octets are. */
  private sealed interface Input {
    record Commands() implements Input {}

    record Response() implements Input {}

    record Lines(DotDecoder decoder, MessageSink sink) implements Input {}

    record Octets(Answer.Octets chunk, long left) implements Input {}

    record Nothing() implements Input {}
  }

  SpokenSession(Inbound inbound, InboundSettings settings, String client) {
    this(inbound, settings, client, Terms.of(Kind.MX));
  }

  /** The same on a listener of these terms. */
  SpokenSession(Inbound inbound, InboundSettings settings, String client, Terms terms) {
    this(inbound, settings, client(settings, client), terms);
  }

  /** The same with a client that something is known of. */
  SpokenSession(Inbound inbound, InboundSettings settings, Client client, Terms terms) {
    InboundRules rules = InboundRules.of(settings);
    framing = new LineFraming(settings.session().commandLineBytes());
    sessions = next -> new SmtpSession(next, terms, rules, new SessionPorts(inbound.intake,
        inbound.authentication, inbound.quotas, inbound.counters, inbound));
    this.client = client;
    session = sessions.apply(client);
  }

  private static Client client(InboundSettings settings, String literal) {
    InetAddress address = InetAddress.ofLiteral(literal);
    return new Client(address, InboundRules.of(settings).policy().isTrusted(address));
  }

  /** Sends {@code octets}, one character each, and returns the replies to them, lines ended by LF. */
  String send(String octets) {
    return wire(octets).replace("\r", "");
  }

  /** Sends {@code octets}, one character each, and returns the replies to them as they are sent. */
  String wire(String octets) {
    wire.setLength(0);
    byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
    for (int at = 0; at < bytes.length && !isClosed();) {
      at = step(bytes, at);
    }
    return wire.toString();
  }

  /** Sends lines, whatever their ends here, with CRLF. */
  String lines(String text) {
    return send(text.replace("\n", "\r\n"));
  }

  boolean isClosed() {
    return input instanceof Input.Nothing;
  }

  /** Returns how long replies were held back, all together. */
  Duration held() {
    return held;
  }

  SmtpSession session() {
    return session;
  }

  /** Returns who is served now. */
  Client client() {
    return client;
  }

  private int step(byte[] bytes, int from) {
    return switch (input) {
      case Input.Commands _,Input.Response _ -> {
        int at = framing.take(bytes, from, bytes.length);
        framing.poll().ifPresent(line -> follow(answer(line), at < bytes.length));
        yield at;
      }
      case Input.Lines(var decoder, var sink) -> {
        int at = lines(decoder, sink, bytes, from);
        if (decoder.isEnded()) {
          input = new Input.Commands();
          follow(session.endOfData(), at < bytes.length);
        }
        yield at;
      }
      case Input.Octets(var chunk, var left) -> {
        int at = (int) Math.min(bytes.length, from + left);
        chunk.sink().take(bytes, from, at);
        drain(chunk.sink());
        octetsNext(chunk, left - (at - from), at < bytes.length);
        yield at;
      }
      case Input.Nothing _ -> bytes.length;
    };
  }

  private Answer answer(CommandLine line) {
    boolean isResponse = input instanceof Input.Response;
    input = new Input.Commands();
    return isResponse ? session.response(line) : session.answer(line.command());
  }

  private void octetsNext(Answer.Octets chunk, long left, boolean hasMore) {
    if (left > 0) {
      input = new Input.Octets(chunk, left);
    } else {
      input = new Input.Commands();
      follow(session.endOfChunk(chunk.octets()), hasMore);
    }
  }

  private void say(Reply reply) {
    wire.append(reply.toWire());
  }

  private void follow(Answer answer, boolean hasMore) {
    switch (answer) {
      case Answer.Now(var reply) -> say(reply);
      case Answer.StartTls(var reply) -> {
        say(reply);
        if (hasMore) {
          follow(session.pipelinedBehindStartTls(), true);
        }
      }
      case Answer.Last(var reply) -> {
        say(reply);
        input = new Input.Nothing();
      }
      case Answer.Held(var delay, var then) -> {
        held = held.plus(delay);
        follow(then, hasMore);
      }
      case Answer.Prompt(var reply, var _) -> {
        say(reply);
        input = new Input.Response();
      }
      case Answer.Become(var next, var hello) -> become(next, hello);
      case Answer.Turn(var reply, var _) -> {
        say(reply);
        input = new Input.Nothing();
      }
      case Answer.Repeated(var reply, var times) -> {
        for (int i = 0; i < times; i++) {
          say(reply);
        }
      }
      case Answer.Later(var work, var _) -> follow(work.get(), hasMore);
      case Answer.Lines(var reply, var sink) -> {
        say(reply);
        input = new Input.Lines(new DotDecoder(), sink);
      }
      case Answer.Octets chunk -> octetsNext(chunk, chunk.octets(), hasMore);
    }
  }

  private void become(Client next, Optional<Hello> hello) {
    session.close();
    client = next;
    session = sessions.apply(next);
    hello.ifPresent(session::begunBy);
    say(session.greeting());
  }

  private static int lines(DotDecoder decoder, MessageSink sink, byte[] bytes, int from) {
    try {
      int at = decoder.take(bytes, from, Math.min(bytes.length, from + 1000), sink);
      drain(sink);
      return at;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void drain(MessageSink sink) {
    if (sink.isFull()) {
      sink.drain();
    }
  }
}
