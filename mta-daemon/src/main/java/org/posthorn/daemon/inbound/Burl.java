package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** BURL (RFC 4468): one client's messages, or parts of them, that lie on an IMAP server already. */
final class Burl {
  private static final Logger log = LoggerFactory.getLogger(Burl.class);

  private final Client client;
  private final boolean isOffered;
  private final BurlSettings settings;
  private final long maxBytes;

  /** Only submission servers have it (RFC 4468 §3.1). */
  Burl(Client client, ListenerSettings.Terms terms, InboundSettings settings) {
    this.client = client;
    this.settings = settings.extensions().burl();
    isOffered = terms.kind().requiresAuthentication() && !this.settings.servers().isEmpty();
    maxBytes = settings.message().bytes();
  }

  /** Whether messages can be fetched on this listener. */
  boolean isOffered() {
    return isOffered;
  }

  /** Returns the line of the answer to EHLO: without {@code imap} until the client has said who it is (RFC 4468 §3.1). */
  List<String> keywords() {
    return isOffered ? List.of(client.identity().isPresent() ? "BURL imap" : "BURL") : List.of();
  }

  /** Puts what is behind {@code url} into {@code message}, or makes it one that is refused. Blocks for the network. */
  void fetch(String url, MessageSink message) {
    try {
      var refusal = ImapUrl.parse(url)
          .map(known -> fetch(known, message))
          .orElse(Optional.of(ServerReplies.BAD_URL));
      refusal.ifPresent(message::refuse);
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("session failed");
      message.refuse(ServerReplies.OUR_FAULT); // half of it may be there already, which must not be taken for the whole
    }
  }

  private Optional<Reply> fetch(ImapUrl url, MessageSink message) {
    var server = settings.find(url.authority());
    if (server.isEmpty()) {
      return Optional.of(ServerReplies.NO_TRUSTED_SERVER);
    }
    if (client.identity().filter(who -> who.actingAs().login().equalsIgnoreCase(url.submitter())).isEmpty()) {
      return Optional.of(ServerReplies.NOT_YOUR_URL); // RFC 4468 §3.3
    }
    try (var imap = ImapFetch.open(server.get())) {
      var refusal = imap.fetch(url.text(), message, maxBytes);
      log.atInfo()
          .addKeyValue("client", client)
          .addKeyValue("sasl_username", Printable.of(url.submitter()))
          .addKeyValue("url", Printable.of(url.withoutToken()))
          .addKeyValue("status", refusal.map(Reply::code).orElse(ServerReplies.URL_TAKEN.code()))
          .log("fetch"); // RFC 4468 §8: who had what fetched must be known afterwards
      return refusal;
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("server", server.get().authority())
          .addKeyValue("text", Printable.of(String.valueOf(e.getMessage())))
          .log("cannot fetch a message to submit");
      return Optional.of(ServerReplies.URL_UNAVAILABLE);
    }
  }
}
