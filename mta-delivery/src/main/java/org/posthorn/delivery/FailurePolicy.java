package org.posthorn.delivery;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.posthorn.dns.AddressResult;
import org.posthorn.dns.MxResult;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.RemoteMta;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.MailOptions;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Reply;

/**
 * What a reply, a broken connection or an answer of the DNS means for the recipients: the only place that decides it.
 *
 * <p>What is not known for sure to be permanent is {@link Outcome.Deferred}: a wrong deferral costs time, a wrong bounce costs
 * the mail.
 */
final class FailurePolicy {
  /** How much of a reply a log line and a DSN show. */
  private static final int MAX_REPLY_CHARS = 600;

  private FailurePolicy() {}

  /** What a negative reply at {@code stage} means for those it speaks of. */
  static Outcome refused(Stage stage, Reply reply, RemoteMta remote) {
    var said = said(reply, remote);
    if (stage == Stage.RCPT && reply.code() == 552) {
      // Old servers mean 452 by it, for too many recipients or a full mailbox (RFC 5321 §4.5.3.1.10).
      return new Outcome.Deferred(
          new Diagnostic(said.status().asTransient(), said.text(), said.isReply(), said.remote()));
    }
    if (reply.isPermanent()) {
      return new Outcome.Failed(said);
    }
    if (reply.isTransient()) {
      return new Outcome.Deferred(said);
    }
    return new Outcome.Deferred(new Diagnostic(EnhancedStatus.of("4.5.0"),
        "unexpected reply while " + stage.doing() + ": " + said.text(), false, Optional.of(remote)));
  }

  /** Whether a negative reply to RCPT asks for this recipient in a further transaction (RFC 5321 §4.5.3.1.10). */
  static boolean isTooManyRecipients(Reply reply, boolean hasAccepted) {
    boolean isCode = reply.code() == 452 || reply.code() == 552;
    return isCode && hasAccepted
        && reply.status().map(status -> status.subject() == 5 && status.detail() == 3).orElse(true);
  }

  /** What a positive reply to the end of the message means, which the server was {@code told} the wishes for. */
  static Outcome taken(Reply reply, RemoteMta remote, Outcome.Handover handover, MailOptions told) {
    return new Outcome.Delivered(said(reply, remote), handover, told.deliverBy().isPresent(),
        told.tracking().isPresent());
  }

  /** What it means that a dialogue ended at {@code stage} before it was over. */
  static Outcome lost(Stage stage, IOException why, RemoteMta remote) {
    return switch (why) {
      case ServerClosing closing -> refused(stage, closing.reply(), remote);
      case UnreadableContent _ -> deferred("4.3.0", "the message could not be read from our spool", Optional.empty());
      case SocketTimeoutException _ -> deferred(stage == Stage.CONNECT ? "4.4.1" : "4.4.2",
          remote + " did not answer in time while we were " + stage.doing(), Optional.of(remote));
      case EOFException _,SocketException _ -> deferred(stage == Stage.CONNECT ? "4.4.1" : "4.4.2",
          (stage == Stage.CONNECT ? "no connection to " : "lost connection with ") + remote + " while "
              + stage.doing() + reason(why),
          Optional.of(remote));
      default -> deferred(stage == Stage.CONNECT ? "4.4.1" : "4.5.0",
          "trouble with " + remote + " while " + stage.doing() + reason(why), Optional.of(remote));
    };
  }

  /** What it means for those still open that the attempt was cut off, because we are stopping. */
  static Outcome interrupted() {
    return deferred("4.3.2", "this mail system was stopped during the attempt", Optional.empty());
  }

  /** What it means for the recipients that each host was tried, and kept from taking the message by {@code obstacles}. */
  static Outcome exhausted(List<Outcome> obstacles) {
    Optional<Outcome> last = obstacles.stream().filter(Outcome.Deferred.class::isInstance).reduce((_, later) -> later);
    // One host that may yet take it outweighs those that never will; only when all say so is it final (RFC 7504 §4).
    return last.or(() -> obstacles.stream().reduce((_, later) -> later))
        .orElseGet(() -> deferred("4.4.4", "no host to try", Optional.empty()));
  }

  /**
   * What it means that the next hop of the settings is in no state to take any mail: something that the operator can mend,
   * and so {@code obstacle} returns nobody's mail.
   */
  static Outcome ofConfiguredHop(Outcome obstacle) {
    return obstacle instanceof Outcome.Failed(var why)
        ? new Outcome.Deferred(new Diagnostic(why.status().asTransient(), why.text(), why.isReply(), why.remote()))
        : obstacle;
  }

  /** What the DNS said about who takes mail for {@code domain}; empty when it named hosts. */
  static Optional<Outcome> unresolved(Domain domain, MxResult result) {
    return switch (result) {
      case MxResult.Hosts _ -> Optional.empty();
      case MxResult.NullMx _ -> Optional.of(failed("5.1.10", "the domain " + domain + " accepts no mail (null MX)"));
      case MxResult.NoSuchDomain _ -> Optional.of(failed("5.1.2", "the domain " + domain + " does not exist"));
      case MxResult.NoMailHost _ ->
        Optional.of(failed("5.4.4", "the domain " + domain + " has neither a mail host nor an address"));
      case MxResult.Unavailable(var reason) -> Optional.of(deferred("4.4.3",
          "the mail hosts of " + domain + " could not be looked up: " + Printable.of(reason), Optional.empty()));
    };
  }

  /** What the DNS said about the addresses of {@code host}; empty when it named some. */
  static Optional<Outcome> unresolved(Domain host, AddressResult result) {
    return switch (result) {
      case AddressResult.Addresses _ -> Optional.empty();
      case AddressResult.None _ -> Optional.of(failed("5.4.4", "the mail host " + host + " has no address"));
      case AddressResult.Unavailable(var reason) -> Optional.of(deferred("4.4.3",
          "the address of " + host + " could not be looked up: " + Printable.of(reason), Optional.empty()));
    };
  }

  /** Mail for {@code target} would come back to us (RFC 5321 §5.1). */
  static Outcome loop(String target) {
    return failed("5.4.6", "mail for " + target + " leads back to this host, which is not set up to keep it");
  }

  /** The message is larger than {@code limit}, which the server announced (RFC 1870 §6.1). */
  static Outcome tooLarge(long size, long limit, RemoteMta remote) {
    return new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.3.4"),
        "the message has " + size + " octets, and " + remote + " takes at most " + limit, false, Optional.of(remote)));
  }

  /** The content has 8-bit octets, cannot be rewritten, and the server does not take them (RFC 6152 §3). */
  static Outcome unconvertible(String why, RemoteMta remote) {
    return new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.6.3"),
        remote + " takes no 8-bit content: " + why, false, Optional.of(remote)));
  }

  /** TLS is asked for, and the server offers none. {@code isPromised} as in {@link HostPolicy}. */
  static Outcome notEncrypted(RemoteMta remote, boolean isPromised) {
    return insecure("4.7.4", remote + " offers no TLS, without which this mail must not be sent there", remote,
        isPromised);
  }

  /** TLS is asked for, and the server offers it but does not want to begin. */
  static Outcome startTlsRefused(Reply reply, RemoteMta remote, boolean isPromised) {
    return insecure("4.7.4", remote + " offers TLS, but answered STARTTLS with: " + said(reply, remote).text(), remote,
        isPromised && reply.isPermanent());
  }

  /** TLS is asked for, and a server has come for its mail without. */
  static Outcome cameInClear(RemoteMta remote) {
    return deferred("4.7.4", remote + " came for this mail without TLS, without which it must not have it",
        Optional.of(remote));
  }

  /** TLS is asked for, and the handshake failed. */
  static Outcome handshakeFailed(HandshakeException why, RemoteMta remote, boolean isPromised) {
    // What broke like any connection may work next time.
    boolean isTheirs = why.getCause() instanceof SSLException e && !(e.getCause() instanceof IOException);
    return insecure("4.7.5", "TLS with " + remote + " failed" + reason(why), remote, isPromised && isTheirs);
  }

  /** The server must be known for who it is, and {@code doubt} says why it is not. */
  static Outcome unverified(String doubt, RemoteMta remote, boolean isPromised) {
    return insecure("4.7.5", remote + " cannot be trusted: " + doubt, remote, isPromised);
  }

  /** The sender asked for REQUIRETLS, and nothing but the DNS says that the server is one for the domain. */
  static Outcome unsureName(RemoteMta remote) {
    return insecure("4.7.10", "the DNS may be forged where it names " + remote
        + ", and its sender wants the message protected (REQUIRETLS)", remote, true);
  }

  /** The sender asked for REQUIRETLS, which the server does not offer (RFC 8689 §4.2.1). */
  static Outcome promisesNothing(RemoteMta remote) {
    return new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.7.30"),
        remote + " does not promise to protect the message further on (REQUIRETLS), as its sender asks", false,
        Optional.of(remote)));
  }

  /** Who asked for it by the settings can mend it; a sender who asked with REQUIRETLS is told (RFC 8689 §4.2.1). */
  private static Outcome insecure(String status, String text, RemoteMta remote, boolean isFinal) {
    return isFinal
        ? new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.7.10"), text, false, Optional.of(remote)))
        : deferred(status, text, Optional.of(remote));
  }

  /** An address or header field needs SMTPUTF8, which the server does not offer (RFC 6531 §3.2). */
  static Outcome needsSmtpUtf8(RemoteMta remote) {
    return new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.6.7"),
        remote + " takes no internationalized mail (SMTPUTF8), and this message needs that", false,
        Optional.of(remote)));
  }

  /** The message had to be delivered by now, and the server does not have it yet (RFC 2852 §4.1.3). */
  static Outcome tooLate(RemoteMta remote) {
    return new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.4.7"),
        "the time was over within which the sender wants the message delivered", false, Optional.of(remote)));
  }

  /** The server says that it needs longer than the {@code left} seconds that there are (RFC 2852 §4.1.4.1). */
  static Outcome tooSlow(long left, long least, RemoteMta remote) {
    return new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.4.7"),
        "the sender wants the message delivered within "
            + left + " s from now or returned, and " + remote + " takes such mail for " + least + " s at least",
        false,
        Optional.of(remote)));
  }

  /** Only who has owned the mailbox long enough may have the message, and the server cannot see to that (RFC 7293 §5.1.1). */
  static Outcome needsRrvs(RemoteMta remote) {
    return new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.7.19"),
        remote + " cannot tell since when a mailbox has had its owner (RRVS), and this message is only for one of old",
        false, Optional.of(remote)));
  }

  /** The server cannot promise to return the message when it is late (RFC 2852 §4.1.4.1). */
  static Outcome needsDeliverBy(RemoteMta remote) {
    return new Outcome.Failed(new Diagnostic(EnhancedStatus.of("5.3.3"),
        "the sender wants the message delivered in time or returned, and " + remote + " does not know that (DELIVERBY)",
        false, Optional.of(remote)));
  }

  private static Diagnostic said(Reply reply, RemoteMta remote) {
    String line = Printable.of(reply.toString());
    String shown = line.length() > MAX_REPLY_CHARS ? Printable.cut(line, MAX_REPLY_CHARS) + "…" : line;
    return new Diagnostic(reply.status().orElseGet(() -> usual(reply.code())), shown, true, Optional.of(remote));
  }

  /** The status of a reply that has none, by its code alone (RFC 5248 §2.4, RFC 7504 §5). */
  private static EnhancedStatus usual(int code) {
    int severity = Math.clamp(code / 100, 2, 5) == 3 ? 4 : code / 100;
    return EnhancedStatus.of(severity + switch (code) {
      case 421 -> ".3.2";
      case 452 -> ".3.1";
      case 500, 501, 502, 503, 504, 555 -> ".5.0";
      case 521 -> ".3.2";
      case 530, 535 -> ".7.0";
      case 552 -> ".3.4";
      case 553 -> ".1.3";
      case 556 -> ".1.10";
      default -> ".0.0";
    });
  }

  private static String reason(IOException why) {
    String message = why.getMessage();
    return message == null ? "" : ": " + Printable.of(message);
  }

  private static Outcome failed(String status, String text) {
    return new Outcome.Failed(Diagnostic.ours(status, text));
  }

  private static Outcome deferred(String status, String text, Optional<RemoteMta> remote) {
    return new Outcome.Deferred(new Diagnostic(EnhancedStatus.of(status), text, false, remote));
  }
}
