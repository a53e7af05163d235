package org.posthorn.daemon.inbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.queue.QueueId;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.QueueNode;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.Reply;

/** Every reply that a session gives, but for those to commands that cannot be parsed. Codes: RFC 5321 §4.3.2, RFC 3463. */
public final class ServerReplies {
  static final Reply SENDER_OK = Reply.of(250, "2.1.0", "Sender ok");
  static final Reply RECIPIENT_OK = Reply.of(250, "2.1.5", "Recipient ok");
  static final Reply OK = Reply.of(250, "2.0.0", "Ok");
  static final Reply START_DATA = Reply.plain(354, "End data with <CR><LF>.<CR><LF>");
  static final Reply GOODBYE = Reply.of(221, "2.0.0", "Bye");
  static final Reply CANNOT_VERIFY = Reply.of(252, "2.5.0", "Cannot verify the user, but will try to deliver");

  static final Reply HELLO_FIRST = Reply.of(503, "5.5.1", "Send HELO or EHLO first");
  static final Reply MAIL_FIRST = Reply.of(503, "5.5.1", "Send MAIL first");
  static final Reply NESTED_MAIL = Reply.of(503, "5.5.1", "A transaction is open already; send RSET to begin anew");
  static final Reply CHUNKS_OPEN = Reply.of(503, "5.5.1", "A message is being sent by BDAT; finish it or send RSET");
  static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");
  static final Reply NO_RECIPIENTS_BY_LMTP = Reply.of(503, "5.5.1", "No valid recipients"); // RFC 2033 §4.2
  static final Reply THIS_IS_LMTP = Reply.of(500, "5.5.1", "This is LMTP: send LHLO");
  static final Reply NOT_LMTP = Reply.of(500, "5.5.1", "This is not LMTP: send EHLO");
  static final Reply ONLY_ATRN = Reply.of(502, "5.5.1", "Only waiting mail is to be had here, by ATRN"); // RFC 2645 §5.4
  static final Reply NO_ATRN = Reply.of(502, "5.5.1", "ATRN is not available here");
  static final Reply NOT_YOUR_DOMAIN = Reply.of(450, "4.7.1", "ATRN request refused: this mail is not yours");
  static final Reply VISITED = Reply.of(450, "4.7.1", "ATRN request refused: you are fetching this mail already");
  static final Reply CANNOT_TURN = Reply.of(451, "4.3.0", "Unable to process ATRN request now");
  static final Reply NO_MAIL = Reply.of(453, "4.0.0", "You have no mail");
  static final Reply TURNING = Reply.of(250, "2.0.0", "OK now reversing the connection");
  static final Reply NO_ETRN = Reply.of(502, "5.5.1", "ETRN is not available");
  static final Reply NO_FRONT_END = Reply.of(550, "5.7.0", "You may not speak for others");
  static final Reply START_TLS = Reply.of(220, "2.0.0", "Start TLS");
  static final Reply TLS_ALREADY = Reply.of(503, "5.5.1", "The connection is encrypted already");
  static final Reply NO_TLS = Reply.of(502, "5.5.1", "STARTTLS is not available");
  static final Reply TRANSACTION_OPEN = Reply.of(503, "5.5.1", "A transaction is open; send RSET first");
  static final Reply STARTTLS_FIRST = Reply.of(530, "5.7.0", "Send STARTTLS first"); // RFC 3207 §4
  static final Reply AUTHENTICATE_FIRST = Reply.of(530, "5.7.0", "Authentication required"); // RFC 4954 §6
  static final Reply AUTHENTICATED = Reply.of(235, "2.7.0", "Authentication successful");
  static final Reply AUTHENTICATED_ALREADY = Reply.of(503, "5.5.1", "You have said who you are already");
  static final Reply NO_AUTH = Reply.of(502, "5.5.1", "AUTH is not available here");
  static final Reply UNKNOWN_MECHANISM = Reply.of(504, "5.5.4", "This mechanism is not available");
  static final Reply MECHANISM_NEEDS_TLS = Reply.of(538, "5.7.11", "This mechanism needs TLS: send STARTTLS first");
  static final Reply BAD_CREDENTIALS = Reply.of(535, "5.7.8", "Authentication credentials invalid");
  static final Reply AUTH_CANCELLED = Reply.of(501, "5.7.0", "Authentication cancelled");
  static final Reply AUTH_SPOKE_FIRST = Reply.of(501, "5.7.0", "This mechanism has no initial response");
  static final Reply AUTH_MALFORMED = Reply.of(501, "5.5.2", "Cannot decode this response");
  static final Reply AUTH_LINE_TOO_LONG = Reply.of(500, "5.5.6", "Authentication exchange line is too long");
  static final Reply AUTH_BANNED = Reply.of(454, "4.7.0", "Too many failed logins; try again later");
  static final Reply AUTH_BUSY = Reply.of(454, "4.7.0", "Temporary authentication failure; try again later");
  static final Reply REQUIRETLS_NEEDS_TLS = Reply.of(530, "5.7.10", "REQUIRETLS needs TLS: send STARTTLS first");
  static final Reply BINARY_NEEDS_BDAT = Reply.of(503, "5.5.1", "BINARYMIME goes by BDAT only; send RSET"); // RFC 3030 §3
  static final Reply NO_EXPN = Reply.of(502, "5.5.1", "EXPN is not available");

  static final Reply NO_CHECKPOINTS = Reply.of(555, "5.5.4", "TRANSID is not available here");
  static final Reply TRANSACTION_IN_USE = Reply.of(450, "4.5.0", "This transaction is open in another session");
  static final Reply GO_ON_WITH_CONTENT = Reply.of(503, "5.5.1",
      "The envelope is known: go on with the content, or send RSET");
  static final Reply GO_ON_WITH_CHUNKS = Reply.of(503, "5.5.1",
      "The offset is no begin of a line: go on with BDAT or BURL");
  static final Reply COMPLETED_WITH_LESS = Reply.of(554, "5.5.0", "This transaction was completed with less");
  static final Reply CHECKPOINT_LOST = Reply.of(451, "4.3.0", "What came before is lost: send RSET and begin anew");
  static final Reply NO_DELIVER_BY = Reply.of(555, "5.5.4", "BY is not available");
  static final Reply NO_FUTURE_RELEASE = Reply.of(555, "5.5.4", "HOLDFOR and HOLDUNTIL are not available here");
  static final Reply NO_PRIORITIES = Reply.of(555, "5.5.4", "MT-PRIORITY is not available");
  static final Reply BAD_RELEASE_TIME = Reply.of(501, "5.5.4", "The message cannot be held until that time");
  static final Reply RELEASE_BEHIND_DELIVER_BY = Reply.of(501, "5.5.4",
      "The message would be held beyond the time to deliver it by");
  static final Reply NO_BURL = Reply.of(502, "5.5.1", "BURL is not available");
  // RFC 4468 §6
  static final Reply BAD_URL = Reply.of(554, "5.5.4", "Not an IMAP URL with urlauth=submit+user");
  static final Reply NOT_YOUR_URL = Reply.of(554, "5.7.0", "IMAP URL authorization failed");
  static final Reply NO_TRUSTED_SERVER = Reply.of(554, "5.7.8", "URL resolution requires trust relationship");
  static final Reply URL_UNRESOLVED = Reply.of(554, "5.6.6", "IMAP URL resolution failed");
  static final Reply URL_UNRESOLVED_NOW = Reply.of(451, "4.6.6", "The IMAP server cannot resolve the URL now");
  static final Reply URL_UNAVAILABLE = Reply.of(451, "4.4.1", "IMAP server unavailable");
  static final Reply URL_TAKEN = Reply.of(250, "2.5.0", "Waiting for additional BURL or BDAT commands");
  static final Reply NO_TRACKING = Reply.of(555, "5.5.4", "MTRK is not available");
  static final Reply NO_RRVS = Reply.of(555, "5.5.4", "RRVS is not available");
  static final Reply OWNER_CHANGED = Reply.of(550, "5.7.17", "The mailbox has changed hands since then");
  static final Reply DOMAIN_OWNER_CHANGED = Reply.of(550, "5.7.18", "The domain has changed hands since then");
  static final Reply OWNER_UNKNOWN = Reply.of(550, "5.7.19",
      "It is not known since when the mailbox has had its owner");

  static final Reply RELAY_DENIED = Reply.of(550, "5.7.1", "Relaying denied: neither you nor the recipient is ours");
  static final Reply NOT_YOUR_ADDRESS = Reply.of(553, "5.7.1", "This sender address is not yours");
  static final Reply NOT_YOUR_FROM = Reply.of(553, "5.7.1", "The address in From or Sender is not yours");
  static final Reply NO_ONE_FROM = Reply.of(554, "5.6.0", "A message has one From field, and at most one Sender");
  static final Reply BAD_AUTHOR = Reply.of(554, "5.1.7", "From or Sender holds what is not a full address");
  static final Reply SENDER_UNQUALIFIED = Reply.of(554, "5.1.8", "The sender's domain is not fully qualified");
  static final Reply RECIPIENT_UNQUALIFIED = Reply.of(554, "5.1.2", "The recipient's domain is not fully qualified");
  static final Reply NO_SUCH_USER = Reply.of(550, "5.1.1", "No such user here");
  static final Reply NO_SUCH_LIST = Reply.of(550, "5.1.1", "No such alias here");
  static final Reply NEEDS_SMTPUTF8 = Reply.of(553, "5.6.7", "This address needs SMTPUTF8 with MAIL");
  static final Reply TOO_MANY_RECIPIENTS = Reply.of(452, "4.5.3", "Too many recipients; send the others separately");

  static final Reply MESSAGE_TOO_BIG = Reply.of(552, "5.3.4", "Message too big");
  static final Reply HEADER_TOO_BIG = Reply.of(552, "5.3.4", "Header section too big");
  static final Reply BARE_LINE_END = Reply.of(550, "5.5.2", "Lines must end in <CR><LF>");
  static final Reply CONTENT_LINE_TOO_LONG = Reply.of(554, "5.6.0", "Line too long");
  static final Reply TOO_MANY_CHUNKS = Reply.of(554, "5.5.1", "Too many chunks");
  static final Reply TOO_MANY_HOPS = Reply.of(554, "5.4.6",
      "Too many Received fields: this message is going in circles");
  static final Reply NO_STORAGE = Reply.of(452, "4.3.1", "Cannot store the message now; try again later");

  static final Reply TOO_MANY_ERRORS = Reply.of(421, "4.7.0", "Too many errors; goodbye");

  static final Reply SENT_BEHIND_STARTTLS = Reply.of(421, "4.7.0",
      "STARTTLS must be the last command before the handshake; goodbye");

  /** A client that speaks HTTP or TLS instead of SMTP. */
  public static final Reply NOT_SMTP = Reply.of(421, "4.7.0", "This is SMTP; goodbye");
  /** A client that spoke before the greeting. */
  public static final Reply SPOKE_TOO_EARLY = Reply.of(554, "5.5.0", "You spoke before the greeting; goodbye");
  /** All connections are taken. */
  public static final Reply TOO_MANY_CONNECTIONS = Reply.of(421, "4.7.0", "Too many connections; try again later");
  /** All connections that this client may have are taken. */
  public static final Reply TOO_MANY_FROM_CLIENT = Reply.of(421, "4.7.0", "Too many connections from your address");
  /** The client was silent too long. */
  public static final Reply TIMED_OUT = Reply.of(421, "4.4.2", "Timed out waiting for you; goodbye");
  /** The client sends its message too slowly. */
  public static final Reply TOO_SLOW = Reply.of(421, "4.4.2", "Data comes too slowly; goodbye");
  /** The daemon stops (RFC 5321 §3.8). */
  public static final Reply SHUTTING_DOWN = Reply.of(421, "4.3.2", "Shutting down; try again later");
  /** A fault of our own after which the session cannot go on. */
  public static final Reply SESSION_FAILED = Reply.of(421, "4.3.0", "Internal error; try again later");
  /** A fault of our own that is not the disk. */
  public static final Reply OUR_FAULT = Reply.of(451, "4.3.0", "Internal error; try again later");

  /** RFC 9422 §4: six digits. */
  private static final int MOST_TO_ANNOUNCE = 999_999;

  private ServerReplies() {}

  static Reply greeting(Domain hostname, String protocol) {
    return Reply.plain(220, hostname + " " + protocol + " Posthorn");
  }

  static Reply helo(Domain hostname) {
    return Reply.plain(250, hostname.name());
  }

  /** The answer to EHLO, one extension a line (RFC 5321 §4.1.1.1). */
  static Reply ehlo(InboundSettings settings, boolean offersTls, List<String> mechanisms,
      List<String> wishes) {
    var lines = new ArrayList<String>(12);
    lines.addAll(List.of(settings.hostname().name(), "PIPELINING", "SIZE " + settings.message().bytes(), "8BITMIME",
        "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME", "DSN",
        "LIMITS RCPTMAX=" + Math.min(settings.message().recipients(), MOST_TO_ANNOUNCE))); // RFC 9422 §4.2
    if (offersTls) {
      lines.add("STARTTLS");
    }
    if (!mechanisms.isEmpty()) {
      lines.add("AUTH " + String.join(" ", mechanisms)); // RFC 4954 §3
    }
    lines.addAll(wishes);
    lines.add("HELP");
    if (settings.session().vrfy()) {
      lines.add("VRFY");
    }
    if (settings.session().expn()) {
      lines.add("EXPN");
    }
    return new Reply(250, Optional.empty(), lines);
  }

  /** The answer to EHLO where there is nothing but ATRN (RFC 2645 §4). */
  static Reply odmrEhlo(Domain hostname, boolean offersTls, List<String> mechanisms) {
    var lines = new ArrayList<>(List.of(hostname.name(), "ENHANCEDSTATUSCODES"));
    if (offersTls) {
      lines.add("STARTTLS");
    }
    if (!mechanisms.isEmpty()) {
      lines.add("AUTH " + String.join(" ", mechanisms));
    }
    lines.add("ATRN");
    return new Reply(250, Optional.empty(), lines);
  }

  static Reply chunkTaken(long octets) {
    return Reply.of(250, "2.0.0", octets + " octets taken");
  }

  /** RFC 3865 §2.4: a refusal names the keywords that matched. */
  static Reply notSolicited(List<String> matches) {
    return Reply.of(550, "5.7.1", "Such solicitations are not wanted here: SOLICIT=" + String.join(",", matches));
  }

  /** RFC 1845 §3: the number comes first. */
  static Reply goOnAt(long offset) {
    return Reply.plain(355, offset + " is the transaction offset");
  }

  /** RFC 1845 §5. */
  static Reply startDataAt(long offset) {
    return Reply.plain(354, "Send the message from octet " + offset + ", ending with <CR><LF>.<CR><LF>");
  }

  static Reply queuedAs(QueueId id) {
    return Reply.of(250, "2.0.0", "Queued as " + id);
  }

  /** RFC 6710 §4.1: the number comes first. */
  static Reply queuedWithPriority(QueueId id, Priority priority) {
    return Reply.of(250, "2.3.6", priority + " is the priority of this message; queued as " + id);
  }

  /** RFC 6710 §4.1. */
  static Reply senderOkWithPriority(Priority priority) {
    return Reply.of(250, "2.3.6", priority + " is the priority of this message; sender ok");
  }

  /** RFC 2852 §3: a permanent failure. */
  static Reply deliverByTooSoon(long leastSeconds) {
    return Reply.of(555, "5.5.4", "BY with R must be at least " + leastSeconds + " seconds");
  }

  static Reply nothingWaits(QueueNode node) {
    return Reply.of(251, "2.0.0", "OK, no messages waiting for node " + node);
  }

  static Reply started(QueueNode node, long messages) {
    return Reply.of(253, "2.0.0", "OK, " + messages + " pending messages for node " + node + " started");
  }

  static Reply cannotStart(QueueNode node) {
    return Reply.of(458, "4.3.0", "Unable to queue messages for node " + node);
  }

  static Reply nodeNotAllowed(QueueNode node) {
    return Reply.of(459, "4.7.1", "Node " + node + " not allowed: ask the operator");
  }

  static Reply verified(Mailbox mailbox) {
    return Reply.of(250, "2.1.5", "<" + mailbox + ">");
  }

  static Reply forwarded(Mailbox target) {
    return Reply.of(251, "2.1.5", "User not local; will forward to <" + target + ">");
  }

  static Reply expanded(List<Mailbox> members) {
    return new Reply(250, Optional.of(EnhancedStatus.of("2.1.5")), members.stream().map(m -> "<" + m + ">").toList());
  }

  /**
   * Names the commands that work on a listener of this kind: those that {@code settings} and EHLO offer now, of extensions
   * by {@code keywords}.
   */
  static Reply help(SessionSettings settings, Kind kind, boolean offersTls, boolean offersAuth,
      List<String> keywords) {
    var verbs = new StringBuilder(switch (kind) {
      case MX, SUBMISSION, SUBMISSIONS -> "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY";
      case LMTP -> "LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY";
      case ODMR -> "EHLO ATRN RSET NOOP QUIT";
    });
    boolean isOdmr = kind == Kind.ODMR;
    verbs.append(settings.expn() && !isOdmr ? " EXPN" : "")
        .append(offersTls ? " STARTTLS" : "")
        .append(offersAuth ? " AUTH" : "");
    var extensions = isOdmr ? List.of("XCLIENT", "XFORWARD") : List.of("BURL", "ETRN", "XCLIENT", "XFORWARD");
    keywords.stream()
        .map(keyword -> keyword.split(" ", 2)[0])
        .filter(extensions::contains)
        .forEach(name -> verbs.append(' ').append(name));
    return new Reply(214, Optional.of(EnhancedStatus.of("2.0.0")), List.of(verbs + " HELP",
        isOdmr ? "See RFC 2645" : "See RFC 5321"));
  }
}
