package org.posthorn.daemon.inbound;

import org.posthorn.smtp.Reply;

/** What a client may ask without sending anything: VRFY and EXPN (RFC 5321 §3.5). */
final class Inquiries {
  private final Client client;
  private final InboundRules rules;

  Inquiries(Client client, InboundRules rules) {
    this.client = client;
    this.rules = rules;
  }

  Reply vrfy(String who) {
    if (!rules.settings().session().vrfy()) {
      return ServerReplies.CANNOT_VERIFY; // RFC 5321 §3.5.3, §7.3
    }
    return rules.policy().verify(who);
  }

  Reply expn(String list) {
    if (!rules.settings().session().expn() || !client.mayRelay()) {
      return ServerReplies.NO_EXPN;
    }
    var members = rules.policy().expand(list);
    return members.isEmpty() ? ServerReplies.NO_SUCH_LIST : ServerReplies.expanded(members);
  }
}
