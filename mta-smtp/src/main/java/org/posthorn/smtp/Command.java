package org.posthorn.smtp;

import java.util.List;
import java.util.Optional;

/** One command line of a client, read and checked (RFC 5321 §4.1.1). */
public sealed interface Command {
  /** HELO: the client names itself, and wants no extensions. */
  record Helo(String clientName) implements Command {}

  /** EHLO: the client names itself, and asks for extensions. */
  record Ehlo(String clientName) implements Command {}

  /** LHLO: the same in LMTP (RFC 2033 §4.1). */
  record Lhlo(String clientName) implements Command {}

  /** MAIL: begins a transaction. */
  record Mail(ReversePath from, MailParameters parameters) implements Command {}

  /** RCPT: adds a recipient. */
  record Rcpt(ForwardPath to, RcptParameters parameters) implements Command {}

  /** DATA: the message follows, ended by a line with a dot. */
  record Data() implements Command {}

  /**
   * BDAT: a chunk of the message follows at once (RFC 3030 §2).
   *
   * @param octets the length of the chunk, at least 0
   * @param last whether it ends the message
   */
  record Bdat(long octets, boolean last) implements Command {}

  /**
   * BURL: part of the message, or all of it, is to be fetched (RFC 4468 §3.5).
   *
   * @param url from where, without spaces
   * @param last whether it ends the message
   */
  record Burl(String url, boolean last) implements Command {}

  /** RSET: drops the transaction. */
  record Rset() implements Command {}

  /** NOOP: does nothing. */
  record Noop() implements Command {}

  /** QUIT: ends the session. */
  record Quit() implements Command {}

  /** VRFY: is this a user? The text is as the client wrote it. */
  record Vrfy(String who) implements Command {}

  /** EXPN: who is on this list? The text is as the client wrote it. */
  record Expn(String list) implements Command {}

  /** STARTTLS: what follows is encrypted (RFC 3207). */
  record StartTls() implements Command {}

  /**
   * AUTH: the client says who it is (RFC 4954 §4).
   *
   * @param mechanism the SASL mechanism, in upper case
   * @param initialResponse in base64, or {@code =} for an empty one, as the client wrote it
   */
  record Auth(String mechanism, Optional<String> initialResponse) implements Command {
    /** Shows the mechanism alone: the response may be a password. */
    @Override
    public String toString() {
      return "AUTH " + mechanism;
    }
  }

  /** ETRN: send what waits for somebody, over a connection of your own (RFC 1985). */
  record Etrn(QueueNode node) implements Command {}

  /** ATRN: send what waits for these domains over this connection, or for all that are mine (RFC 2645 §5.2). */
  record Atrn(List<Domain> domains) implements Command {
    public Atrn {
      domains = List.copyOf(domains);
    }
  }

  /** XCLIENT: a server in front of us speaks for this client from now on. */
  record Xclient(ClientAttributes client) implements Command {}

  /** XFORWARD: where the next message comes from, for the log. */
  record Xforward(ClientAttributes client) implements Command {}

  /** HELP, with the topic asked for. */
  record Help(Optional<String> topic) implements Command {}

  /** A line that is no usable command, with the reply that says why. */
  record Unusable(Reply reply) implements Command {}

  /**
   * A BDAT whose length cannot be read, so that nobody knows where the next command begins: after the reply the
   * connection must be closed, or content would be run as commands.
   */
  record UnreadableChunk(Reply reply) implements Command {}
}
