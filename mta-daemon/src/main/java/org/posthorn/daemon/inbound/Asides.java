package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.smtp.ClientAttributes;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.QueueNode;
import org.posthorn.smtp.Reply;

/**
 * What a client says besides sending mail: whose mail waits (ETRN, ATRN), for whom it speaks (XCLIENT, XFORWARD), who is here
 * (VRFY, EXPN).
 */
final class Asides {
  private final Client client;
  private final Terms terms;
  private final Manners manners;
  private final Inquiries inquiries;
  private final FrontEnd frontEnd;
  private final OnDemand onDemand;

  Asides(Client client, Terms terms, InboundRules rules, SessionPorts ports, Manners manners) {
    this.client = client;
    this.terms = terms;
    this.manners = manners;
    this.inquiries = new Inquiries(client, rules);
    this.frontEnd = new FrontEnd(client, rules);
    this.onDemand = new OnDemand(client, rules.settings().extensions().onDemand(), ports.waiting(), ports.counters());
  }

  /** Returns what EHLO announces of it. */
  List<String> keywords() {
    return Stream.concat(onDemand.keywords().stream(), frontEnd.keywords().stream()).toList();
  }

  Answer vrfy(String who) {
    return manners.idle(inquiries.vrfy(who));
  }

  Answer expn(String list) {
    return manners.idle(inquiries.expn(list));
  }

  Answer etrn(QueueNode node, Phase phase) {
    return obstacle(phase).or(() -> onDemand.refusal(node))
        .<Answer>map(manners::reply)
        .orElseGet(() -> new Answer.Later(() -> manners.idle(onDemand.start(node))));
  }

  Answer atrn(List<Domain> domains, Phase phase) {
    if (terms.kind() != Kind.ODMR) {
      return manners.reply(ServerReplies.NO_ATRN);
    }
    if (client.identity().isEmpty()) {
      return manners.reply(ServerReplies.AUTHENTICATE_FIRST); // RFC 2645 §5.2
    }
    return obstacle(phase).<Answer>map(manners::reply)
        .orElseGet(() -> new Answer.Later(() -> onDemand.turn(domains, manners)));
  }

  /** RFC 1985 §5: once a session is established, but not within a transaction. */
  private static Optional<Reply> obstacle(Phase phase) {
    if (phase instanceof Phase.Greeted) {
      return Optional.of(ServerReplies.HELLO_FIRST);
    }
    return phase.isBetweenMessages() ? Optional.empty() : Optional.of(ServerReplies.TRANSACTION_OPEN);
  }

  Answer xclient(ClientAttributes said, Phase phase) {
    return obstacle(frontEnd.maySendXclient(), phase).<Answer>map(manners::reply)
        .orElseGet(() -> frontEnd.mayLook(said)
            ? new Answer.Later(() -> {
              frontEnd.look();
              return become(said);
            })
            : become(said));
  }

  private Answer become(ClientAttributes said) {
    return new Answer.Become(frontEnd.spokenFor(said), FrontEnd.hello(said, terms));
  }

  Answer xforward(ClientAttributes said, Phase phase) {
    return manners.reply(obstacle(frontEnd.maySendXforward(), phase).orElseGet(() -> frontEnd.forward(said)));
  }

  /** Neither is allowed in the middle of a message. */
  private static Optional<Reply> obstacle(boolean isAllowed, Phase phase) {
    if (!isAllowed) {
      return Optional.of(ServerReplies.NO_FRONT_END);
    }
    return phase.isBetweenMessages() ? Optional.empty() : Optional.of(ServerReplies.TRANSACTION_OPEN);
  }
}
