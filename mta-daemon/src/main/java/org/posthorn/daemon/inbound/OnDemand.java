package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.posthorn.daemon.inbound.InboundCounters.Asked;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.QueueNode;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mail that a client asks for: ETRN (RFC 1985) and ATRN (RFC 2645). */
final class OnDemand {
  private static final Logger log = LoggerFactory.getLogger(OnDemand.class);

  private final Client client;
  private final OnDemandSettings settings;
  private final WaitingMail waiting;
  private final InboundCounters counters;

  OnDemand(Client client, OnDemandSettings settings, WaitingMail waiting, InboundCounters counters) {
    this.client = client;
    this.settings = settings;
    this.waiting = waiting;
    this.counters = counters;
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
      return Optional.of(refused(node, ServerReplies.nodeNotAllowed(node)));
    }
    return Optional.empty();
  }

  private Reply refused(QueueNode node, Reply reply) {
    counters.asked(Asked.ETRN_REFUSED);
    log.atInfo()
        .addKeyValue("client", client)
        .addKeyValue("node", Printable.of(node.toString()))
        .addKeyValue("reply", reply)
        .log("ETRN refused");
    return reply;
  }

  /** Starts {@code node}. Blocks for the index. */
  Reply start(QueueNode node) {
    try {
      var begun = waiting.start(node);
      if (begun.isEmpty()) {
        return refused(node, ServerReplies.cannotStart(node));
      }
      long messages = begun.getAsLong();
      counters.asked(messages == 0 ? Asked.ETRN_NOTHING : Asked.ETRN_STARTED);
      log.atInfo()
          .addKeyValue("client", client)
          .addKeyValue("node", Printable.of(node.toString()))
          .addKeyValue("messages", messages)
          .log("ETRN");
      return messages == 0 ? ServerReplies.nothingWaits(node) : ServerReplies.started(node, messages);
    } catch (RuntimeException e) { // the index; the client may ask again
      log.atError().setCause(e).log("cannot start the mail that ETRN asks for");
      return refused(node, ServerReplies.cannotStart(node));
    }
  }

  /** Answers ATRN of a client that is known. Blocks for the index. */
  Answer turn(List<Domain> asked, Manners manners) {
    String login = client.identity().orElseThrow().actingAs().login();
    var owned = settings.ownedBy(login);
    var domains = asked.isEmpty() ? owned : Set.copyOf(asked);
    Optional<Reply> refusal;
    try {
      refusal = refusal(owned, domains);
    } catch (RuntimeException e) { // the index; the client may ask again
      log.atError().setCause(e).log("cannot look for the mail that ATRN asks for");
      refusal = Optional.of(ServerReplies.CANNOT_TURN);
    }
    counters.asked(refusal.map(OnDemand::refused).orElse(Asked.ATRN_TURNED));
    log.atInfo()
        .addKeyValue("client", client)
        .addKeyValue("sasl_username", Printable.of(login))
        .addKeyValue("domains", domains)
        .addKeyValue("reply", refusal.orElse(ServerReplies.TURNING))
        .log("ATRN");
    return refusal.<Answer>map(manners::idle)
        .orElseGet(() -> new Answer.Turn(ServerReplies.TURNING, turned -> waiting.deliver(domains, turned)));
  }

  private static Asked refused(Reply reply) {
    return reply.equals(ServerReplies.NO_MAIL) ? Asked.ATRN_NOTHING : Asked.ATRN_REFUSED;
  }

  /** RFC 2645 §5.2. */
  private Optional<Reply> refusal(Set<Domain> owned, Set<Domain> domains) {
    if (domains.isEmpty() || !owned.containsAll(domains)) {
      return Optional.of(ServerReplies.NOT_YOUR_DOMAIN);
    }
    if (waiting.isVisited(domains)) {
      return Optional.of(ServerReplies.VISITED);
    }
    return waiting.waitsFor(domains) ? Optional.empty() : Optional.of(ServerReplies.NO_MAIL);
  }

  private boolean mayAsk() {
    return settings.etrnClients().contains(client.address());
  }
}
