package org.posthorn.daemon.inbound.netty;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import org.posthorn.daemon.inbound.Answer;
import org.posthorn.daemon.inbound.MessageSink;
import org.posthorn.daemon.inbound.NotSmtp;
import org.posthorn.daemon.inbound.ServerReplies;
import org.posthorn.daemon.inbound.SmtpSession;
import org.posthorn.smtp.CommandLine;
import org.posthorn.smtp.DotDecoder;
import org.posthorn.smtp.LineFraming;

/**
 * What one client has sent and nobody has taken yet, and what it is taken for: each step hands a command line or a piece of
 * content to the session. On the event loop of the connection.
 */
final class Arrivals {
  private static final byte[] NO_OCTETS = new byte[0];

  private final LineFraming framing;
  private final Pace pace;
  private Input input = new Input.Commands();
  private byte[] octets = NO_OCTETS;
  private int at;

  /** Takes command lines of at most {@code commandLineBytes}, and tells {@code pace} what came. */
  Arrivals(int commandLineBytes, Pace pace) {
    this.framing = new LineFraming(commandLineBytes);
    this.pace = pace;
  }

  /** Adds what {@code buffer} holds. One packet may come in pieces, as TLS has cut it. */
  void add(ByteBuf buffer) {
    pace.octetsCame(buffer.readableBytes());
    int left = octets.length - at;
    var all = new byte[left + buffer.readableBytes()];
    System.arraycopy(octets, at, all, 0, left);
    buffer.readBytes(all, left, all.length - left);
    octets = all;
    at = 0;
  }

  /** Whether all that came has been taken. */
  boolean isEmpty() {
    return at == octets.length;
  }

  /** Whether what waits looks like the begin of a TLS handshake. */
  boolean isTls() {
    return !isEmpty() && NotSmtp.isTls(octets[at]);
  }

  /** Lets go of the memory for what was taken. */
  void release() {
    octets = NO_OCTETS;
    at = 0;
  }

  /** Returns what waits, for somebody else to take it; nothing is taken any more. */
  byte[] surrender() {
    var rest = Arrays.copyOfRange(octets, at, octets.length);
    end();
    return rest;
  }

  /** Nothing is taken any more, whatever still comes. */
  void end() {
    input = new Input.Nothing();
    at = octets.length;
  }

  /** Whether nothing is taken any more. */
  boolean isOver() {
    return input instanceof Input.Nothing;
  }

  /** Whether the client makes a TLS handshake. */
  boolean isHandshake() {
    return input instanceof Input.Handshake;
  }

  /** Whether a command comes next. */
  boolean isCommand() {
    return input instanceof Input.Commands;
  }

  /** From now on commands come, and the client has got on. */
  void commandsNext() {
    input = new Input.Commands();
    pace.progressed();
  }

  /** A handshake comes next. */
  void handshakeNext() {
    input = new Input.Handshake();
  }

  /** A line of at most {@code maxOctets} comes next. */
  void responseNext(int maxOctets) {
    input = new Input.Response(new LineFraming(maxOctets));
  }

  /** A message comes next, line by line. */
  void linesNext(MessageSink sink) {
    input = new Input.Lines(new DotDecoder(), sink);
    pace.contentBegins();
  }

  /** A chunk of a message comes next. Returns the answer to one without octets, which has come already. */
  Optional<Answer> chunkNext(Answer.Octets announced, SmtpSession session) {
    var chunk = new Input.Octets(announced.octets(), announced.sink());
    input = chunk;
    pace.contentBegins();
    return endOfChunk(chunk, session);
  }

  /** Takes the next of what came for {@code session}, and returns what that answers, if it is to. */
  Optional<Answer> step(SmtpSession session) {
    return switch (input) {
      case Input.Commands _ -> {
        at = framing.take(octets, at, octets.length);
        yield framing.poll().map(line -> command(line, session));
      }
      case Input.Response(var longer) -> {
        at = longer.take(octets, at, octets.length);
        yield longer.poll().map(line -> response(line, session));
      }
      case Input.Lines(var decoder, var sink) -> lines(decoder, sink, session);
      case Input.Octets chunk -> {
        at = chunk.take(octets, at, octets.length);
        yield endOfChunk(chunk, session);
      }
      case Input.Handshake _ -> throw new IllegalStateException("octets before the end of the handshake");
      case Input.Nothing _ -> {
        at = octets.length;
        yield Optional.empty();
      }
    };
  }

  /** Returns where content goes to that must be drained before more is taken. */
  Optional<MessageSink> fullSink() {
    return switch (input) {
      case Input.Lines(var _, var sink) -> Optional.of(sink).filter(MessageSink::isFull);
      case Input.Octets chunk -> Optional.of(chunk.sink()).filter(MessageSink::isFull);
      case Input.Commands _,Input.Response _,Input.Handshake _,Input.Nothing _ -> Optional.empty();
    };
  }

  private Answer command(CommandLine line, SmtpSession session) {
    if (line instanceof CommandLine.Text(var text) && NotSmtp.isHttp(text)) {
      return session.last(ServerReplies.NOT_SMTP);
    }
    Answer answer = session.answer(line.command());
    if (!(answer instanceof Answer.Octets)) { // a further chunk goes on with what there was
      pace.progressed();
    }
    return answer;
  }

  private Answer response(CommandLine line, SmtpSession session) {
    commandsNext();
    return session.response(line);
  }

  private Optional<Answer> lines(DotDecoder decoder, MessageSink sink, SmtpSession session) {
    try {
      at = decoder.take(octets, at, octets.length, sink);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // no MessageSink throws it
    }
    if (!decoder.isEnded()) {
      return Optional.empty();
    }
    commandsNext();
    return Optional.of(session.endOfData());
  }

  private Optional<Answer> endOfChunk(Input.Octets chunk, SmtpSession session) {
    if (!chunk.isComplete()) {
      return Optional.empty();
    }
    input = new Input.Commands();
    Answer answer = session.endOfChunk(chunk.length());
    if (session.isBetweenMessages()) {
      pace.progressed();
    } else {
      pace.betweenChunks();
    }
    return Optional.of(answer);
  }
}
