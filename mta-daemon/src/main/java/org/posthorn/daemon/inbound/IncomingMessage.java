package org.posthorn.daemon.inbound;

import java.time.Instant;
import java.util.Optional;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.SpoolDraft;
import org.posthorn.queue.SpoolException;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Reply;

/**
 * A message while it arrives. Small ones stay in memory up to their end, so that the disk is touched once; larger ones go
 * to the spool piece by piece. A message that is refused is still taken to its end, and dropped.
 */
final class IncomingMessage implements MessageSink, AutoCloseable {
  private static final int HELD_AT_MOST = 256 * 1024;
  private static final int HELD_WHEN_SHORT = 16 * 1024;
  private static final long SHORT_OF_MEMORY = 64L * 1024 * 1024;

  private final Intake intake;
  private final Submission submission;
  private final InboundSettings settings;
  private final HeldOctets held;
  private Optional<Reply> refusal = Optional.empty();
  private Optional<SpoolDraft> draft = Optional.empty();
  private long received;

  IncomingMessage(Intake intake, Submission submission, InboundSettings settings) {
    this.intake = intake;
    this.submission = submission;
    this.settings = settings;
    this.held = new HeldOctets(intake.heldBytes());
  }

  @Override
  public void take(byte[] octets, int from, int to) {
    received += to - from;
    if (received > settings.message().bytes()) {
      refuse(ServerReplies.MESSAGE_TOO_BIG);
    }
    if (refusal.isEmpty()) {
      held.append(octets, from, to);
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
    try (this) {
      return refusal.isPresent() ? refusal.get() : intake.commit(writeHeld(), this);
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

  Submission submission() {
    return submission;
  }

  /** Returns the envelope, 8-bit when the content is, whatever the client declared. */
  Envelope envelope() {
    var declared = submission.envelope();
    return declared.body() == BodyType.EIGHT_BIT_MIME || !held.hasEightBit()
        ? declared
        : new Envelope(declared.from(), declared.recipients(), BodyType.EIGHT_BIT_MIME, declared.smtpUtf8(),
            declared.ret(), declared.envelopeId(), declared.client());
  }

  /** Returns the fields that go on top of the content. */
  String top(QueueId id, Instant now) {
    return submission.trace().receivedField(settings.hostname(), id, now);
  }

  private SpoolDraft writeHeld() {
    SpoolDraft open = draft.orElseGet(() -> intake.open(this));
    draft = Optional.of(open);
    held.writeTo(open);
    return open;
  }
}
