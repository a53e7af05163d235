package org.posthorn.daemon.inbound;

import org.posthorn.daemon.inbound.InboundCounters.Refusal;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ReversePath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what one client was refused, so that an operator can tell a sender why. */
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);
  private static final int MAIL_SYSTEM = 3;

  private final Client client;
  private final ListenerCounters counters;

  Refusals(Client client, ListenerCounters counters) {
    this.client = client;
    this.counters = counters;
  }

  void sender(ReversePath from, Reply reply) {
    counters.refused(kind(reply));
    log.atInfo()
        .addKeyValue("client", client)
        .addKeyValue("from", address(from))
        .addKeyValue("reply", reply)
        .log("sender refused");
  }

  void recipient(ReversePath from, ForwardPath to, Reply reply) {
    counters.refused(Refusal.RECIPIENT);
    log.atInfo()
        .addKeyValue("client", client)
        .addKeyValue("from", address(from))
        .addKeyValue("to", address(to))
        .addKeyValue("reply", reply)
        .log("recipient refused");
  }

  void message(IncomingMessage message, Reply reply) {
    counters.refused(kind(reply));
    var envelope = message.submission().envelope();
    log.atInfo()
        .addKeyValue("client", client)
        .addKeyValue("from", address(envelope.from()))
        .addKeyValue("nrcpt", envelope.recipients().size())
        .addKeyValue("size", message.size())
        .addKeyValue("reply", reply)
        .log("message refused");
  }

  void command(Reply reply) {
    counters.refused(Refusal.COMMAND);
    log.atDebug().addKeyValue("client", client).addKeyValue("reply", reply).log("command refused");
  }

  void session(Reply reply) {
    log.atInfo().addKeyValue("client", client).addKeyValue("reply", reply).log("session ended");
  }

  /** What is refused for now is our own fault only where the reply says so (RFC 3463 §3.4): a sending limit is none. */
  private static Refusal kind(Reply reply) {
    boolean isOurFault = reply.status().filter(status -> status.subject() == MAIL_SYSTEM).isPresent();
    return reply.isTransient() && isOurFault ? Refusal.STORAGE : Refusal.CONTENT;
  }

  private static String address(Object path) {
    return Printable.of("<" + path + ">");
  }
}
