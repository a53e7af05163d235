package org.posthorn.daemon.inbound;

import java.time.Instant;
import java.util.Optional;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Handling.TlsWish;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.SpoolDraft;
import org.posthorn.queue.SpoolException;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.ContentScan;
import org.posthorn.smtp.FieldCapture;
import org.posthorn.smtp.HeaderScan;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.Reply;

/**
 * A message while it arrives. Small ones stay in memory up to their end, so that the disk is touched once; larger ones go
 * to the spool piece by piece. A message that is refused is still taken to its end, and dropped.
 */
final class IncomingMessage implements MessageSink, AutoCloseable {
  private static final int HELD_AT_MOST = 256 * 1024;
  private static final int HELD_WHEN_SHORT = 16 * 1024;
  private static final long SHORT_OF_MEMORY = 64L * 1024 * 1024;
  private static final byte[] LINE_END = {'\r', '\n'};

  private final Intake intake;
  private final Submission submission;
  private final InboundSettings settings;
  private final HeldOctets held;
  private final ContentScan content = new ContentScan();
  private final HeaderScan header = new HeaderScan();
  private final Optional<SubmissionRules> rules;
  private final FieldCapture authors = SubmissionRules.authors();
  private final FieldCapture wishes = Consent.fields();
  private final Consent consent;
  private Optional<Reply> refusal = Optional.empty();
  private Optional<SpoolDraft> draft = Optional.empty();
  private Optional<QueueId> id = Optional.empty();
  private boolean complete;
  private boolean hasSender;

  IncomingMessage(Intake intake, Submission submission, InboundSettings settings) {
    this.intake = intake;
    this.submission = submission;
    this.settings = settings;
    this.rules = SubmissionRules.of(submission.trace().client(), settings);
    this.consent = new Consent(settings);
    this.held = new HeldOctets(intake.heldBytes());
  }

  @Override
  public void take(byte[] octets, int from, int to) {
    if (refusal.isEmpty()) {
      content.take(octets, from, to);
      header.take(octets, from, to);
      wishes.take(octets, from, to);
      if (rules.isPresent()) {
        authors.take(octets, from, to);
      }
      findFault().ifPresentOrElse(this::refuse, () -> held.append(octets, from, to));
    }
  }

  @Override
  public boolean isFull() {
    return held.size() >= (intake.heldBytes().get() > SHORT_OF_MEMORY ? HELD_WHEN_SHORT : HELD_AT_MOST);
  }

  @Override
  public void drain() {
    try {
      if (refusal.isEmpty()) {
        writeHeld();
      }
    } catch (SpoolException e) {
      refuse(intake.cannotStore(e));
    }
    held.clear();
  }

  @Override
  public void refuse(Reply reason) {
    if (refusal.isEmpty()) {
      refusal = Optional.of(reason);
      held.clear();
    }
  }

  /** Why the message will not be taken, if that is known by now. */
  Optional<Reply> refusal() {
    return refusal;
  }

  /** Ends the message: puts it into the spool, or drops it. Blocks for the disk. */
  Reply finish() {
    complete = true;
    findFaultOfWhole().ifPresent(this::refuse);
    try (this) {
      if (refusal.isPresent()) {
        return refusal.get();
      }
      if (!isBinary() && !content.endsWithLineEnd()) { // by BDAT; lines are all we can pass on and store
        held.append(LINE_END, 0, LINE_END.length);
      }
      return intake.commit(writeHeld(), this);
    } catch (SpoolException e) {
      return intake.cannotStore(e);
    }
  }

  /** Drops what was not committed. */
  @Override
  public void close() {
    held.clear();
    draft.ifPresent(SpoolDraft::close);
    draft = Optional.empty();
  }

  /** Returns the id that the message has in the spool; empty as long as nothing of it is there. */
  Optional<QueueId> id() {
    return id;
  }

  Submission submission() {
    return submission;
  }

  /** Returns how many octets came, for the log. */
  long size() {
    return content.size();
  }

  /**
   * Returns the envelope, 8-bit when the content is, whatever the client declared, or may yet turn out to be: to call a
   * 7-bit message 8-bit costs nothing, for the way out looks at the content before it converts any.
   */
  Envelope envelope() {
    var declared = consent.owned(wishes, solicited(waived(prioritised(submission.envelope()))));
    return declared.body() != BodyType.SEVEN_BIT || (complete && !content.isEightBit())
        ? declared
        : declared.with(BodyType.EIGHT_BIT_MIME);
  }

  /** What the header says counts more than what MAIL says, which is to say the same (RFC 3865 §2.3, §2.7). */
  private Envelope solicited(Envelope declared) {
    var named = Consent.solicitations(wishes);
    return named.isEmpty() ? declared : declared.with(declared.handling().with(named));
  }

  /**
   * A priority that only the header asks for counts like one with MAIL, as far as the client may ask; where nobody may, or
   * it says nothing clear, the message is like any other, and who gets it hears that from us (RFC 6758 §3.1, §3.3).
   */
  private Envelope prioritised(Envelope declared) {
    return !header.hasPriority() || declared.handling().priority().isPresent()
        ? declared
        : declared.with(declared.handling().with(fieldPriority()));
  }

  /** RFC 8689 §4.1: REQUIRETLS with MAIL outweighs the header. */
  private Envelope waived(Envelope declared) {
    return header.waivesTls() && declared.handling().tls() == TlsWish.USUAL
        ? declared.with(declared.handling().with(TlsWish.WAIVED))
        : declared;
  }

  private Priority fieldPriority() {
    var client = submission.trace().client();
    var allowed = settings.extensions().handling().priorities();
    Priority most = allowed.isOffered() && client.mayRelay() ? allowed.most(client) : Priority.NORMAL;
    Priority asked = client.mayRelay() ? header.priority().orElse(Priority.NORMAL) : Priority.NORMAL;
    return asked.compareTo(most) > 0 ? most : asked;
  }

  /** Whether the header asks for another priority than the message has. */
  boolean isPriorityChanged() {
    return submission.envelope().handling().priority().isEmpty() && header.hasPriority()
        && !header.priority().equals(Optional.of(fieldPriority()));
  }

  /**
   * Returns the fields that go on top of the content. What a client should have put in is added for our own clients only:
   * elsewhere it is not ours to mend (RFC 5321 §6.4).
   */
  String top(QueueId id, Instant now) {
    var top = new StringBuilder(received(id, now));
    boolean known = header.isEnded() || complete;
    hasSender = known;
    if (known) {
      rules.ifPresent(submitted -> top.append(submitted.senderField(authors, submission.envelope().from())));
    }
    if (submission.trace().client().mayRelay() && known) {
      top.append(header.hasDate() ? "" : "Date: " + Trace.date(now) + "\r\n");
      top.append(header.hasMessageId() ? "" : "Message-ID: <" + id + "@" + settings.hostname() + ">\r\n");
    }
    return held.beginsWithoutField() ? top.append("\r\n").toString() : top.toString();
  }

  private String received(QueueId id, Instant now) {
    var trace = submission.trace().with(envelope().handling().solicitations());
    return rules.isPresent() && settings.submission().hideClient()
        ? trace.anonymousField(settings.hostname(), id, now)
        : trace.receivedField(settings.hostname(), id, now);
  }

  private Optional<Reply> findFault() {
    var limits = settings.message();
    if (content.size() > limits.bytes()) {
      return Optional.of(ServerReplies.MESSAGE_TOO_BIG); // RFC 1870 §6.3
    }
    if (!isBinary() && content.longestLine() + LINE_END.length > limits.lineBytes()) {
      return Optional.of(ServerReplies.CONTENT_LINE_TOO_LONG);
    }
    return header.size() > limits.headerBytes() ? Optional.of(ServerReplies.HEADER_TOO_BIG) : Optional.empty();
  }

  private Optional<Reply> findFaultOfWhole() {
    if (isBinary() ? header.hasBareLineEnd() : content.hasBareLineEnd()) {
      return Optional.of(ServerReplies.BARE_LINE_END);
    }
    if (header.received() >= settings.message().receivedFields()) {
      return Optional.of(ServerReplies.TOO_MANY_HOPS); // RFC 5321 §6.3
    }
    // Once the top is written without it, a Sender: field comes too late.
    return consent.refusal(wishes, submission.envelope())
        .or(() -> rules.flatMap(submitted -> submitted.refusal(authors,
            (draft.isEmpty() || hasSender) && submitted.hasAddress(submission.envelope().from()))));
  }

  /** Whether the content need not be lines; its header section must be all the same (RFC 3030 §3). */
  private boolean isBinary() {
    return submission.envelope().body() == BodyType.BINARY_MIME;
  }

  private SpoolDraft writeHeld() {
    SpoolDraft open = draft.orElseGet(() -> intake.open(this));
    draft = Optional.of(open);
    id = Optional.of(open.id());
    held.writeTo(open);
    return open;
  }
}
