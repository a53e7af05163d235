package org.posthorn.daemon.inbound;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.posthorn.smtp.Reply;

/** What the session wants done next. The client hears replies in the order of its commands. */
public sealed interface Answer {
  /** An answer that is a reply and nothing more. */
  sealed interface Final extends Answer {
    /** What to send. */
    Reply reply();
  }

  /** Send this, and go on with the next command. */
  record Now(Reply reply) implements Final {}

  /** Send this, and close the connection. */
  record Last(Reply reply) implements Final {}

  /**
   * Send this, and begin the TLS handshake; then {@link SmtpSession#encrypted}. When the client has sent more already,
   * {@link SmtpSession#pipelinedBehindStartTls} instead: it must not be taken for what comes encrypted (CVE-2011-0411).
   */
  record StartTls(Reply reply) implements Answer {}

  /** Send this so many times, perhaps never, and go on with the next command: one reply for each recipient (RFC 2033 §4.2). */
  record Repeated(Reply reply, int times) implements Answer {}

  /**
   * Run this, which may block, take no command before it has ended, and then do what it answers: no other Later.
   *
   * @param onFailure what to do when it throws, which is a fault of ours
   */
  record Later(Supplier<? extends Answer> work, Answer onFailure) implements Answer {
    /** One that is answered by a single reply when it throws. */
    public Later(Supplier<? extends Answer> work) {
      this(work, new Now(ServerReplies.OUR_FAULT));
    }
  }

  /**
   * From now on {@code client} is at the other end: begin a new session with it, which says hello again, or goes on from
   * {@code hello}.
   */
  record Become(Client client, Optional<Hello> hello) implements Answer {}

  /** Send this; then the client is the server, and {@code then}, which may block, has the connection. */
  record Turn(Reply reply, Consumer<Turned> then) implements Answer {}

  /** Wait that long, taking no command, and then do {@code then}. */
  record Held(Duration delay, Final then) implements Answer {}

  /** Send this; the next line, of at most {@code maxOctets} with its CRLF, goes to {@link SmtpSession#response}. */
  record Prompt(Reply reply, int maxOctets) implements Answer {}

  /** Send this; the lines up to the one with a dot go to {@code sink}; then {@link SmtpSession#endOfData}. */
  record Lines(Reply reply, MessageSink sink) implements Answer {}

  /** Send nothing; the next {@code octets} go to {@code sink}; then {@link SmtpSession#endOfChunk}. */
  record Octets(long octets, MessageSink sink) implements Answer {}
}
