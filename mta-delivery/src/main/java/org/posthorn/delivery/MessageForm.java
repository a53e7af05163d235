package org.posthorn.delivery;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.posthorn.delivery.sevenbit.Converted;
import org.posthorn.delivery.sevenbit.SevenBitConversion;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.RemoteTls;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Capabilities;
import org.posthorn.smtp.Capabilities.Extension;
import org.posthorn.smtp.HeaderScan;
import org.posthorn.smtp.MailOptions;
import org.posthorn.smtp.MailParameters;
import org.posthorn.smtp.PriorityField;
import org.posthorn.smtp.Tracking;

/** Brings one message into the form that a server takes. What it finds out about the content it finds out once. One thread. */
final class MessageForm {
  private static final int BLOCK_BYTES = 8 * 1024;

  private final DeliveryTask task;
  private final Envelope envelope;
  private final InstantSource clock;
  private final FieldSettings fields;
  private Optional<Boolean> hasUtf8Header = Optional.empty();
  private Optional<Converted> sevenBit = Optional.empty();

  /**
   * Looks at the message of {@code task}.
   *
   * @param fields what the header tells a server that can learn it in no other way
   */
  MessageForm(DeliveryTask task, InstantSource clock, FieldSettings fields) {
    this.task = task;
    this.clock = clock;
    this.fields = fields;
    this.envelope = task.message().envelope();
  }

  /**
   * Returns the message for those recipients, open in {@code ledger}, for whom the server can be given it; there may be none.
   *
   * @throws UnreadableContent when our own disk fails
   */
  Outgoing fit(SmtpConnection connection, Ledger ledger) throws UnreadableContent {
    List<RecipientNumber> recipients = connection.limits()
        .choose(vouchedFor(addressable(connection, ledger), connection, ledger), envelope);
    if (recipients.isEmpty() || takesAsItIs(connection.capabilities())) {
      return sized(connection, ledger, recipients, task.content(), envelope.body());
    }
    return switch (sevenBit()) {
      case Converted.AsIs _ -> sized(connection, ledger, recipients, task.content(), BodyType.SEVEN_BIT);
      case Converted.Rewritten(var content) -> sized(connection, ledger, recipients, content, BodyType.SEVEN_BIT);
      case Converted.Impossible(var why) ->
        nothing(ledger, recipients, FailurePolicy.unconvertible(why, connection.remote()));
    };
  }

  private Outgoing sized(SmtpConnection connection, Ledger ledger, List<RecipientNumber> recipients,
      MessageContent form, BodyType body) throws UnreadableContent {
    var timeliness = new Timeliness(envelope.handling(), clock.instant());
    var obstacle = timeliness.obstacle(connection);
    if (obstacle.isPresent()) {
      return nothing(ledger, recipients, obstacle.get());
    }
    var content = edited(form, connection, recipients);
    var limit = connection.capabilities().maxSize();
    if (limit.isPresent() && content.size() > limit.getAsLong()) { // RFC 1870 §6.1: MAIL could only fail
      return nothing(ledger, recipients,
          FailurePolicy.tooLarge(content.size(), limit.getAsLong(), connection.remote()));
    }
    return new Outgoing(envelope,
        parameters(connection, recipients, content, body, timeliness).offeredBy(connection.capabilities()),
        recipients,
        content, timeliness.needsReportOfDelay(connection.capabilities()));
  }

  private MessageContent edited(MessageContent content, SmtpConnection connection, List<RecipientNumber> recipients)
      throws UnreadableContent {
    // Whoever asked for a priority, be it in vain, asked for it to be told (RFC 6758 §3.3).
    var priority = envelope.handling()
        .priority()
        .filter(_ -> !connection.capabilities().has(Extension.MT_PRIORITY));
    var owners = new OwnersInHeader(envelope, recipients, connection, fields.owners());
    if (priority.isEmpty() && !owners.isAny()) {
      return content;
    }
    try {
      return EditedContent.of(content,
          priority.filter(_ -> fields.priority()).map(PriorityField::of).orElse("") + owners.added(),
          field -> (priority.isPresent() && field.name().equals(PriorityField.NAME)) || owners.isGone(field));
    } catch (IOException e) {
      throw new UnreadableContent(e);
    }
  }

  private Outgoing nothing(Ledger ledger, List<RecipientNumber> recipients, Outcome why) {
    recipients.forEach(recipient -> ledger.settle(recipient, why));
    return new Outgoing(envelope, MailParameters.NONE, List.of(), task.content(), false);
  }

  /** A server with SMTPUTF8 must have 8BITMIME, whether it says so or not (RFC 6531 §3.1). */
  private boolean takesAsItIs(Capabilities offered) {
    return switch (envelope.body()) {
      case SEVEN_BIT, EIGHT_BIT_MIME -> offered.has(Extension.EIGHT_BIT_MIME) || offered.has(Extension.SMTPUTF8);
      case BINARY_MIME -> offered.has(Extension.BINARYMIME) && offered.has(Extension.CHUNKING); // RFC 3030 §3
    };
  }

  private Converted sevenBit() throws UnreadableContent {
    try {
      Converted known = sevenBit.isPresent()
          ? sevenBit.get()
          : SevenBitConversion.convert(task.content(), envelope.body());
      sevenBit = Optional.of(known);
      return known;
    } catch (IOException e) {
      throw new UnreadableContent(e);
    }
  }

  private MailParameters parameters(SmtpConnection connection, List<RecipientNumber> recipients,
      MessageContent content, BodyType body, Timeliness timeliness) {
    boolean smtpUtf8 = envelope.smtpUtf8() || hasUtf8Sender() || recipients.stream().anyMatch(this::hasUtf8Address);
    return new MailParameters(OptionalLong.of(content.size()), body, smtpUtf8, envelope.dsn().ret(),
        envelope.dsn().envelopeId(), options(connection, recipients, timeliness));
  }

  private MailOptions options(SmtpConnection connection, List<RecipientNumber> recipients, Timeliness timeliness) {
    var handling = envelope.handling();
    boolean isExpanded = recipients.stream().map(envelope::recipient).anyMatch(Recipient::isExpanded);
    return new MailOptions(timeliness.parameter(), Optional.empty(), Optional.of(handling.urgency()),
        requiresTls(connection),
        handling.solicitations(),
        isExpanded ? Optional.empty() : handling.tracking().flatMap(this::remaining), Optional.empty());
  }

  /** REQUIRETLS is for those who can keep it (RFC 8689 §2); only a bounce gets to others at all. */
  private boolean requiresTls(SmtpConnection connection) {
    return envelope.handling().tls() == TlsWish.REQUIRED && connection.capabilities().has(Extension.REQUIRETLS)
        && connection.tls().filter(RemoteTls::isVerified).isPresent();
  }

  /** Nobody can track beyond what is left of the time (RFC 3885 §3.1). */
  private Optional<Tracking> remaining(Tracking tracking) {
    var passed = Duration.between(task.message().queuedAt(), clock.instant());
    return tracking.timeout()
        .map(timeout -> timeout.minus(passed))
        .filter(left -> left.toSeconds() > 0)
        .map(left -> new Tracking(tracking.certifier(), Optional.of(left)));
  }

  /** A server that knows nothing of owners gets no mail that only one owner may have (RFC 7293 §5.1.1). */
  private List<RecipientNumber> vouchedFor(List<RecipientNumber> recipients, SmtpConnection connection,
      Ledger ledger) {
    if (connection.protocol() == Protocol.LMTP || connection.capabilities().has(Extension.RRVS)) {
      return recipients;
    }
    var unbound = recipients.stream().filter(number -> !needsOwner(envelope.recipient(number))).toList();
    if (unbound.size() < recipients.size()) {
      ledger.addObstacle(FailurePolicy.needsRrvs(connection.remote()));
    }
    return unbound;
  }

  private static boolean needsOwner(Recipient recipient) {
    return recipient.validSince().filter(since -> !since.continuesWithout()).isPresent();
  }

  /** Returns whom a server without SMTPUTF8 can be told of. Another mail host of the domain may have it (RFC 6531 §3.2). */
  private List<RecipientNumber> addressable(SmtpConnection connection, Ledger ledger) throws UnreadableContent {
    List<RecipientNumber> open = ledger.open();
    if (connection.capabilities().has(Extension.SMTPUTF8)) {
      return open;
    }
    // The flag alone keeps nobody out: many clients set it always, and what is ASCII needs no extension.
    boolean hasAsciiMessage = !hasUtf8Sender() && !(envelope.smtpUtf8() && hasUtf8Header());
    List<RecipientNumber> ascii = hasAsciiMessage
        ? open.stream().filter(recipient -> !hasUtf8Address(recipient)).toList()
        : List.of();
    if (ascii.size() < open.size()) {
      ledger.addObstacle(FailurePolicy.needsSmtpUtf8(connection.remote()));
    }
    return ascii;
  }

  private boolean hasUtf8Sender() {
    return envelope.from().mailbox().filter(sender -> sender.needsSmtpUtf8()).isPresent();
  }

  private boolean hasUtf8Address(RecipientNumber recipient) {
    return envelope.recipient(recipient).address().needsSmtpUtf8();
  }

  private boolean hasUtf8Header() throws UnreadableContent {
    boolean known = hasUtf8Header.isPresent() ? hasUtf8Header.get() : scanHeader();
    hasUtf8Header = Optional.of(known);
    return known;
  }

  private boolean scanHeader() throws UnreadableContent {
    var scan = new HeaderScan();
    byte[] block = new byte[BLOCK_BYTES];
    try (var in = task.content().open()) {
      for (int length = in.read(block); length > 0 && !scan.isEnded(); length = in.read(block)) {
        scan.take(block, 0, length);
      }
    } catch (IOException e) {
      throw new UnreadableContent(e);
    }
    return scan.isEightBit();
  }
}
