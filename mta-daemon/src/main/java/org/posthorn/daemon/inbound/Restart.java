package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.posthorn.daemon.auth.ClientNetwork;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CHECKPOINT (RFC 1845): one session's part in transactions that go on where an earlier session lost them. They are known by
 * TRANSID, the name of the client, and who or where it is, and by all that MAIL says.
 */
final class Restart {
  private static final Logger log = LoggerFactory.getLogger(Restart.class);

  private final Client client;
  private final Intake intake;
  private final CheckpointSettings settings;
  private final Optional<Checkpoints> checkpoints;
  private final List<Command.Rcpt> recipients = new ArrayList<>(0);
  private Optional<String> key = Optional.empty();
  private Optional<String> finished = Optional.empty();
  private Optional<Checkpoint> known = Optional.empty();
  private Optional<Recording> recording = Optional.empty();
  private Optional<MessageSink> rest = Optional.empty();
  private boolean hasMore;

  Restart(Client client, Terms terms, Intake intake, CheckpointSettings settings) {
    this.client = client;
    this.intake = intake;
    this.settings = settings;
    // By LMTP there is a reply for each recipient, for which RFC 1845 has no place.
    checkpoints = settings.isOffered() && !terms.isLmtp() && terms.kind() != Kind.ODMR
        ? intake.checkpoints()
        : Optional.empty();
  }

  /** Returns the line of the answer to EHLO. */
  List<String> keywords() {
    return checkpoints.isPresent() ? List.of("CHECKPOINT") : List.of();
  }

  /** Says why a transaction cannot be begun or gone on with now; otherwise it is this session's alone. */
  Optional<Reply> refusal(Hello hello, Command.Mail mail) {
    release();
    reset(); // an earlier transaction that came to nothing
    var asked = mail.parameters().options().transactionId();
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    if (checkpoints.isEmpty()) {
      return Optional.of(ServerReplies.NO_CHECKPOINTS);
    }
    var named = key(hello, asked.get(), mail);
    if (!finished.equals(Optional.of(named)) && !checkpoints.get().claim(named)) {
      return Optional.of(ServerReplies.TRANSACTION_IN_USE);
    }
    key = Optional.of(named);
    return Optional.empty();
  }

  /** RFC 1845 §2 (4) has the name of the client in it; who knows that and TRANSID must not go on for somebody else. */
  private String key(Hello hello, String transactionId, Command.Mail mail) {
    var login = client.identity().map(identity -> "user " + identity.login());
    var who = login.orElseGet(() -> "address " + client.address().getHostAddress());
    var share = login.orElseGet(() -> "network " + ClientNetwork.of(client.address()));
    return digest(List.of(share)).substring(0, 16) + "-"
        + digest(List.of(who, hello.name(), transactionId, mail.toString()));
  }

  private static String digest(List<String> parts) {
    var digest = Checkpoints.sha256();
    for (var part : parts) {
      digest.update((part.length() + ":" + part).getBytes(StandardCharsets.UTF_8));
    }
    return Checkpoints.hex(digest);
  }

  /**
   * Answers MAIL: with {@code otherwise}, or with the offset to go on at. {@code readmit} puts the recipients that were
   * accepted before back into the transaction, or says that they would not be accepted now.
   */
  Answer begin(Reply otherwise, Predicate<List<Command.Rcpt>> readmit) {
    if (key.isEmpty() && finished.isEmpty()) {
      return new Answer.Now(otherwise);
    }
    return new Answer.Later(() -> {
      forgetFinished();
      known = key.flatMap(this::find);
      if (known.filter(checkpoint -> readmit.test(checkpoint.recipients())).isEmpty()) {
        known = Optional.empty();
        key.ifPresent(this::forget);
        return new Answer.Now(otherwise);
      }
      long offset = known.get().octets();
      recipients.addAll(known.get().recipients());
      checkpoints.ifPresent(Checkpoints::goesOn);
      log.atInfo().addKeyValue("client", client).addKeyValue("octets", offset).log("transaction goes on");
      return new Answer.Now(ServerReplies.goOnAt(offset));
    });
  }

  private Optional<Checkpoint> find(String named) {
    try {
      return checkpoints.isPresent() ? checkpoints.get().find(named, settings) : Optional.empty();
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot read what came of a message");
      return Optional.empty();
    }
  }

  /** Whether the client goes on with what broke off, so that only content is missing. */
  boolean goesOn() {
    return known.isPresent();
  }

  /** The recipient is part of the transaction now. */
  void accepted(Command.Rcpt rcpt) {
    if (key.isPresent()) {
      recipients.add(rcpt);
    }
  }

  /** Whether DATA can go on where the content broke off (RFC 1845 §3). Blocks for the disk. */
  boolean isAtLineStart() {
    try {
      return known.isEmpty() || checkpoints.isEmpty() || known.get().reply().isPresent()
          || checkpoints.get().endsLine(key.orElseThrow(), known.get().octets());
    } catch (IOException e) {
      log.atWarn().setCause(e).log("cannot read what came of a message");
      return true; // that is said when it is asked for
    }
  }

  /** Returns what answers DATA. */
  Reply startData() {
    return known.map(checkpoint -> ServerReplies.startDataAt(checkpoint.octets())).orElse(ServerReplies.START_DATA);
  }

  /** The content of {@code message} comes now, behind what came before. Blocks for the disk when the client {@link #goesOn}. */
  void take(IncomingMessage message) {
    if (key.isEmpty() || checkpoints.isEmpty()) {
      return;
    }
    if (known.filter(checkpoint -> checkpoint.reply().isPresent()).isPresent()) {
      rest = Optional.of(new Rest());
      return;
    }
    var begun = new Recording(message, checkpoints.get(), settings, key.get(), recipients, intake);
    recording = Optional.of(begun);
    try {
      if (known.isPresent()) {
        begun.replay(known.get());
      }
    } catch (IOException e) {
      log.atError().setCause(e).log("cannot read what came of a message");
      begun.refuse(ServerReplies.CHECKPOINT_LOST);
    }
  }

  /** Returns where the content of {@code message} goes. */
  MessageSink sink(IncomingMessage message) {
    return recording.<MessageSink>map(begun -> begun).or(() -> rest).orElse(message);
  }

  /** A piece of the content that was fetched for the client is here as a whole. */
  void fetched() {
    recording.ifPresent(Recording::fetched);
  }

  /** Ends {@code message} by {@code otherwise}, unless it was taken before: then it is not taken twice. Blocks for the disk. */
  Reply finish(IncomingMessage message, Supplier<Reply> otherwise) {
    var before = known.flatMap(Checkpoint::reply);
    Reply reply = before.isPresent() ? before.get() : otherwise.get();
    if (before.isPresent()) {
      message.close();
    }
    if (reply.isPositive()) {
      recording.ifPresent(ended -> ended.completed(reply));
      finished = key; // until the client shows that it has heard (RFC 1845 §3)
    } else {
      key.ifPresent(this::forget);
      release();
    }
    boolean isLonger = before.isPresent() && hasMore;
    reset();
    return isLonger ? ServerReplies.COMPLETED_WITH_LESS : reply;
  }

  /** Whether a transaction is underway or just done that may be gone on with, so that ending it blocks for the disk. */
  boolean isUnderway() {
    return key.isPresent() || finished.isPresent();
  }

  /** The client ends what it has begun, or shows that it has heard how it ended: forgets it (RFC 1845 §3). Blocks for the disk. */
  void ended() {
    forgetFinished();
    key.ifPresent(this::forget);
    release();
    reset();
  }

  /** The session breaks off: keeps what came, so that another one can go on. Blocks for the disk when content came. */
  void close() {
    long octets = recording.map(Recording::keep).orElse(0L);
    release();
    finished.ifPresent(named -> checkpoints.ifPresent(store -> store.release(named)));
    if (octets > 0) {
      log.atInfo().addKeyValue("client", client).addKeyValue("octets", octets).log("transaction kept");
    }
    if (finished.isPresent()) {
      log.atInfo().addKeyValue("client", client).log("transaction taken, its client may not know");
    }
    finished = Optional.empty();
    reset();
  }

  private void release() {
    key.ifPresent(named -> checkpoints.ifPresent(store -> store.release(named)));
  }

  private void reset() {
    recording.ifPresent(Recording::giveUp); // else what is held of a message that was refused would count for ever
    key = Optional.empty();
    known = Optional.empty();
    recording = Optional.empty();
    rest = Optional.empty();
    recipients.clear();
    hasMore = false;
  }

  private void forgetFinished() {
    finished.ifPresent(named -> {
      forget(named);
      if (!key.equals(finished)) {
        checkpoints.ifPresent(store -> store.release(named));
      }
    });
    finished = Optional.empty();
  }

  private void forget(String named) {
    checkpoints.ifPresent(store -> {
      try {
        store.forget(named);
      } catch (IOException e) {
        log.atWarn().setCause(e).log("cannot forget what came of a message");
      }
    });
  }

  /** What comes behind a message that was taken before: nothing. */
  private final class Rest implements MessageSink {
    @Override
    public void take(byte[] octets, int from, int to) {
      hasMore |= to > from;
    }

    @Override
    public boolean isFull() {
      return false;
    }

    @Override
    public void drain() {
      // nothing is held
    }

    @Override
    public void refuse(Reply reason) {
      // it is taken already
    }
  }
}
