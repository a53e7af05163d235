package org.posthorn.daemon.inbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a message while it arrives, so that its client can go on when it breaks off (RFC 1845 §3): whole lines, at which any
 * client can go on, whole pieces that were fetched for it, and every octet of a binary message. When they cannot be kept, the
 * message goes on without that.
 */
final class Recording implements MessageSink {
  private static final Logger log = LoggerFactory.getLogger(Recording.class);
  private static final int HELD_AT_MOST = 64 * 1024;
  /** After so many octets it is noted how far the message came, so that a crash of ours costs no more than these. */
  private static final int NOTED_EVERY = 1 << 20;

  private final IncomingMessage message;
  private final Checkpoints checkpoints;
  private final CheckpointSettings settings;
  private final String key;
  private final List<Command.Rcpt> recipients;
  private final InstantSource clock;
  private final AtomicLong heldByAll;
  private final boolean isBinary;
  private final MessageDigest digest = Checkpoints.sha256();
  private ByteArrayOutputStream held = new ByteArrayOutputStream();
  private int whole;
  private byte latest;
  private long kept;
  private long noted;
  private long taken;
  private boolean isGivenUp;

  /** Keeps {@code message} for {@code recipients} under {@code key}, which is this session's alone. */
  Recording(IncomingMessage message, Checkpoints checkpoints, CheckpointSettings settings, String key,
      List<Command.Rcpt> recipients, Intake intake) {
    this.message = message;
    this.checkpoints = checkpoints;
    this.settings = settings;
    this.key = key;
    this.recipients = List.copyOf(recipients);
    this.clock = intake::now;
    this.heldByAll = intake.heldBytes();
    this.isBinary = message.submission().envelope().body() == BodyType.BINARY_MIME;
  }

  /** Begins with what came before. Blocks for the disk. */
  void replay(Checkpoint known) throws IOException {
    checkpoints.read(key, known.octets(), (content, length) -> {
      digest.update(content, 0, length);
      message.take(content, 0, length);
      if (message.isFull()) {
        message.drain();
      }
    });
    kept = known.octets();
    noted = kept;
    taken = kept;
  }

  @Override
  public void take(byte[] octets, int from, int to) {
    message.take(octets, from, to);
    taken += to - from;
    if (isGivenUp || message.refusal().isPresent()) {
      giveUp();
      return;
    }
    for (int i = from; i < to; i++) {
      if (octets[i] == '\n' && latest == '\r') {
        whole = held.size() + i + 1 - from;
      }
      latest = octets[i];
    }
    held.write(octets, from, to - from);
    heldByAll.addAndGet(to - from);
    if (isBinary) {
      whole = held.size();
    }
  }

  /** A piece that was fetched is here as a whole: its client does not have its octets, and can go on behind it only. */
  void fetched() {
    whole = held.size();
  }

  @Override
  public boolean isFull() {
    return message.isFull() || held.size() >= HELD_AT_MOST;
  }

  @Override
  public void drain() {
    message.drain();
    flush();
  }

  @Override
  public void refuse(Reply reason) {
    message.refuse(reason);
    giveUp();
  }

  /** The message broke off: keeps what came of it. Returns how many octets that is. Blocks for the disk. */
  long keep() {
    flush();
    giveUpHeld();
    try {
      if (isGivenUp || kept == 0 || message.refusal().isPresent()) {
        checkpoints.forget(key);
        return 0;
      }
      note();
      return kept;
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot keep a message that broke off");
      return 0;
    }
  }

  /** The message is taken, whatever comes now: notes that. Blocks for the disk. */
  void completed(Reply reply) {
    giveUpHeld();
    try {
      checkpoints.save(key, new Checkpoint(clock.instant(), taken, "-", Optional.of(reply), recipients), settings);
    } catch (IOException | RuntimeException e) { // its client must hear that it was taken
      log.atWarn().setCause(e).log("cannot keep that a message was taken");
    }
  }

  private void note() throws IOException {
    checkpoints.save(key,
        new Checkpoint(clock.instant(), kept, Checkpoints.hex(digest), Optional.empty(), recipients), settings);
    noted = kept;
  }

  private void flush() {
    if (isGivenUp || whole == 0) {
      return;
    }
    byte[] content = held.toByteArray();
    try {
      if (!checkpoints.append(key, content, whole, settings)) {
        giveUp();
        return;
      }
      digest.update(content, 0, whole);
      kept += whole;
      held = new ByteArrayOutputStream();
      held.write(content, whole, content.length - whole);
      heldByAll.addAndGet(-whole);
      whole = 0;
      if (kept - noted >= NOTED_EVERY) {
        note();
      }
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot keep what comes of a message");
      giveUp();
    }
  }

  /** Nothing of the message is to be kept any more. */
  void giveUp() {
    isGivenUp = true;
    giveUpHeld();
  }

  private void giveUpHeld() {
    heldByAll.addAndGet(-held.size());
    held = new ByteArrayOutputStream();
    whole = 0;
  }
}
