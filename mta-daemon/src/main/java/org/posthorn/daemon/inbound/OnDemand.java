package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.Optional;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.QueueNode;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mail that a client asks for: ETRN (RFC 1985). */
final class OnDemand {
  private static final Logger log = LoggerFactory.getLogger(OnDemand.class);

  private final Client client;
  private final OnDemandSettings settings;
  private final WaitingMail waiting;

  OnDemand(Client client, OnDemandSettings settings, WaitingMail waiting) {
    this.client = client;
    this.settings = settings;
    this.waiting = waiting;
  }

  /** Returns what EHLO announces. */
  List<String> keywords() {
    return settings.hasEtrn() && mayAsk() ? List.of("ETRN") : List.of();
  }

  /** Says why {@code node} is not started. */
  Optional<Reply> refusal(QueueNode node) {
    if (!settings.hasEtrn()) {
      return Optional.of(ServerReplies.NO_ETRN);
    }
    if (!mayAsk() || !settings.includes(node)) {
      log.atInfo().addKeyValue("client", client).addKeyValue("node", Printable.of(node.toString())).log("ETRN refused");
      return Optional.of(ServerReplies.nodeNotAllowed(node));
    }
    return Optional.empty();
  }

  /** Starts {@code node}. Blocks for the index. */
  Reply start(QueueNode node) {
    try {
      long messages = waiting.start(node);
      log.atInfo()
          .addKeyValue("client", client)
          .addKeyValue("node", Printable.of(node.toString()))
          .addKeyValue("messages", messages)
          .log("ETRN");
      return messages == 0 ? ServerReplies.nothingWaits(node) : ServerReplies.started(node, messages);
    } catch (RuntimeException e) { // the index; the client may ask again
      log.atError().setCause(e).log("cannot start the mail that ETRN asks for");
      return ServerReplies.cannotStart(node);
    }
  }

  private boolean mayAsk() {
    return settings.etrnClients().contains(client.address());
  }
}
