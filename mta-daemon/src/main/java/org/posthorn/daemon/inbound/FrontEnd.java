package org.posthorn.daemon.inbound;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Identity;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.Trace.Protocol.Form;
import org.posthorn.smtp.ClientAttributes.Name;
import org.posthorn.smtp.ClientAttributes;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Reply;

/**
 * What a server in front of us says of the client that it speaks for: XCLIENT, which puts the client in its place, and
 * XFORWARD, which only tells the log. Both as Postfix documents them.
 */
final class FrontEnd {
  /** How a login is proved that a server in front of us vouches for. */
  static final String VOUCHED = "XCLIENT";
  private static final InetAddress NOWHERE = InetAddress.ofLiteral("0.0.0.0");

  private final Client client;
  private final InboundRules rules;

  FrontEnd(Client client, InboundRules rules) {
    this.client = client;
    this.rules = rules;
  }

  /** Returns what EHLO announces to this client, which others need not know of. */
  List<String> keywords() {
    var keywords = new ArrayList<String>(2);
    if (maySendXclient()) {
      keywords.add(ClientAttributes.xclientKeyword());
    }
    if (maySendXforward()) {
      keywords.add(ClientAttributes.xforwardKeyword());
    }
    return keywords;
  }

  boolean maySendXclient() {
    return rules.settings().relay().frontEnds().xclient().contains(client.address()) && !client.isUnknown();
  }

  boolean maySendXforward() {
    return rules.settings().relay().frontEnds().xforward().contains(client.address()) && !client.isUnknown();
  }

  /** Whether it is worth a look who may log in before {@link #spokenFor}. */
  boolean mayLook(ClientAttributes said) {
    return said.has(Name.LOGIN) && rules.settings().auth().accounts().isWatched();
  }

  /** Looks who may log in now. May wait for the disk. */
  void look() {
    rules.settings().auth().accounts().look();
  }

  /** Returns the client that is spoken for. What nothing is said of stays as it was. */
  Client spokenFor(ClientAttributes said) {
    InetAddress address = said.has(Name.ADDR) ? said.address().orElse(NOWHERE) : client.address();
    boolean isTrusted = said.has(Name.ADDR)
        ? !address.equals(NOWHERE) && rules.policy().isTrusted(address)
        : client.isTrustedForAddress();
    var next = new Client(address, isTrusted);
    client.encryption().ifPresent(tls -> next.setEncryption(tls, false)); // the certificate is that of the front end
    if (said.has(Name.NAME)) {
      next.declareName(said.value(Name.NAME).flatMap(Domain::parse));
    } else if (!said.has(Name.ADDR)) {
      next.declareName(client.name());
    }
    if (said.has(Name.LOGIN)) {
      said.value(Name.LOGIN).map(this::identity).filter(who -> who.actingAs().enabled()).ifPresent(next::setIdentity);
    } else {
      client.identity().filter(who -> who.mechanism().equals(VOUCHED)).ifPresent(next::setIdentity);
    }
    return next;
  }

  /** Returns how the client has begun, if that is said. On a listener for LMTP there is one way only. */
  static Optional<Hello> hello(ClientAttributes said, Terms terms) {
    Form byName = said.value(Name.PROTO).filter("SMTP"::equals).isPresent() ? Form.SMTP : Form.ESMTP;
    return said.value(Name.HELO).map(name -> new Hello(name, terms.isLmtp() ? Form.LMTP : byName));
  }

  /** Answers XFORWARD. */
  Reply forward(ClientAttributes said) {
    client.setForwarded(said.after(client.forwarded()));
    return ServerReplies.OK;
  }

  private Identity identity(String login) {
    Account account = rules.settings().auth().accounts().get().find(login).orElseGet(() -> Account.named(login));
    return new Identity(login, account, account.limits(), VOUCHED);
  }
}
