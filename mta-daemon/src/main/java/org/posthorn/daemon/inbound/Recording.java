package org.posthorn.daemon.inbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the whole lines of a message while it arrives, so that its client can go on when it breaks off (RFC 1845 §3). When they
 * cannot be kept, the message goes on without that.
 */
final class Recording implements MessageSink {
  private static final Logger log = LoggerFactory.getLogger(Recording.class);
  private static final int HELD_AT_MOST = 64 * 1024;

  private final IncomingMessage message;
  private final Checkpoints checkpoints;
  private final CheckpointSettings settings;
  private final String key;
  private final AtomicLong heldByAll;
  private final MessageDigest digest = Checkpoints.sha256();
  private ByteArrayOutputStream held = new ByteArrayOutputStream();
  private int wholeLines;
  private byte latest;
  private long kept;
  private long taken;
  private boolean isGivenUp;

  Recording(IncomingMessage message, Checkpoints checkpoints, CheckpointSettings settings, String key,
      AtomicLong heldByAll) {
    this.message = message;
    this.checkpoints = checkpoints;
    this.settings = settings;
    this.key = key;
    this.heldByAll = heldByAll;
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
        wholeLines = held.size() + i + 1 - from;
      }
      latest = octets[i];
    }
    held.write(octets, from, to - from);
    heldByAll.addAndGet(to - from);
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

  /** The message broke off: keeps what came of it. Returns how many octets that is. */
  long keep(List<Command.Rcpt> recipients, Instant now) {
    flush();
    giveUpHeld();
    try {
      if (isGivenUp || kept == 0) {
        checkpoints.forget(key);
        return 0;
      }
      checkpoints.save(key, new Checkpoint(now, kept, Checkpoints.hex(digest), Optional.empty(), recipients), settings);
      return kept;
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot keep a message that broke off");
      return 0;
    }
  }

  /** The message is taken, whatever comes now: notes that. Blocks for the disk. */
  void completed(Reply reply, List<Command.Rcpt> recipients, Instant now) {
    giveUpHeld();
    try {
      checkpoints.save(key, new Checkpoint(now, taken, "-", Optional.of(reply), recipients), settings);
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot keep that a message was taken");
    }
  }

  private void flush() {
    if (isGivenUp || wholeLines == 0) {
      return;
    }
    byte[] content = held.toByteArray();
    try {
      if (checkpoints.append(key, content, wholeLines, settings)) {
        digest.update(content, 0, wholeLines);
        kept += wholeLines;
        held = new ByteArrayOutputStream();
        held.write(content, wholeLines, content.length - wholeLines);
        heldByAll.addAndGet(-wholeLines);
        wholeLines = 0;
      } else {
        giveUp();
      }
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot keep what comes of a message");
      giveUp();
    }
  }

  private void giveUp() {
    isGivenUp = true;
    giveUpHeld();
  }

  private void giveUpHeld() {
    heldByAll.addAndGet(-held.size());
    held = new ByteArrayOutputStream();
    wholeLines = 0;
  }
}
