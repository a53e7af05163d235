package org.posthorn.daemon.inbound;

import java.util.function.Function;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Reply;
import org.posthorn.smtp.ReversePath;

/** How one client behaves: what it is refused is counted and logged, and too much of it ends its session. */
final class Manners {
  private final Refusals refusals;
  private final Patience patience;
  private final Function<Reply, Answer.Last> end;

  /** {@code end} ends the session with a reply. */
  Manners(Client client, ListenerCounters counters, SessionSettings settings, Function<Reply, Answer.Last> end) {
    this.refusals = new Refusals(client, counters);
    this.patience = new Patience(settings);
    this.end = end;
  }

  /** Answers a command that brings no mail forward. */
  Answer.Final idle(Reply reply) {
    if (!reply.isTransient()) { // which counts as that already
      patience.countIdle();
    }
    return reply(reply);
  }

  /** Answers a command that may be out of place. */
  Answer.Final reply(Reply reply) {
    if (reply.isPermanent()) {
      refusals.command(reply);
    }
    countTransient(reply);
    return counted(reply);
  }

  /** Who is told to come back later and asks again at once, as fast as it can, must not go on for ever. */
  private void countTransient(Reply reply) {
    if (reply.isTransient()) {
      patience.countIdle();
    }
  }

  /** Refuses a sender. */
  Answer.Final sender(ReversePath from, Reply reply) {
    refusals.sender(from, reply);
    countTransient(reply);
    return counted(reply);
  }

  /** Refuses a recipient. */
  Reply recipient(ReversePath from, Command.Rcpt rcpt, Reply reply) {
    refusals.recipient(from, rcpt.to(), reply);
    if (reply.isTransient()) {
      patience.countOvershoot();
    }
    return reply;
  }

  /** There is no room for a further recipient. */
  Reply overshoot() {
    patience.countOvershoot();
    return ServerReplies.TOO_MANY_RECIPIENTS;
  }

  /** Answers a whole message; one that is taken makes good for what was before. */
  Answer.Final message(IncomingMessage message, Reply reply) {
    if (reply.isPositive()) {
      patience.restore();
    } else {
      refusals.message(message, reply);
      countTransient(reply);
    }
    return counted(reply);
  }

  /** Ends the session for what the client did. */
  Answer.Last last(Reply reply) {
    refusals.session(reply);
    return end.apply(reply);
  }

  /** Answers what is logged elsewhere. */
  Answer.Final counted(Reply reply) {
    return patience.isExhaustedBy(reply) ? last(ServerReplies.TOO_MANY_ERRORS) : new Answer.Now(reply);
  }
}
