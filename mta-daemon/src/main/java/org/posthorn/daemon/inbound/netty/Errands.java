package org.posthorn.daemon.inbound.netty;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.posthorn.daemon.inbound.Answer;
import org.posthorn.daemon.inbound.MessageSink;
import org.posthorn.daemon.inbound.ServerReplies;
import org.posthorn.daemon.inbound.SmtpSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a session has done off the event loop. A bug of ours must not cost the client its message. */
final class Errands {
  private static final Logger log = LoggerFactory.getLogger(Errands.class);

  private final Executor blocking;

  /** {@code blocking} does the work. */
  Errands(Executor blocking) {
    this.blocking = blocking;
  }

  /**
   * Does {@code work}, and then hands what it answers to {@code then} on {@code eventLoop}. An error that is no exception is
   * answered too, rather than leaving the client waiting: {@code onError} says how.
   */
  void run(Supplier<Optional<Answer>> work, Executor eventLoop, Consumer<Optional<Answer>> then,
      Supplier<Answer> onError) {
    blocking.execute(() -> {
      Runnable next = () -> then.accept(Optional.of(onError.get()));
      try {
        var answer = work.get();
        next = () -> then.accept(answer);
      } finally {
        eventLoop.execute(next);
      }
    });
  }

  /** Does {@code work} and nothing behind it. */
  void run(Runnable work) {
    blocking.execute(work);
  }

  /** Closes {@code session}: what the client left unfinished may have to be taken off the disk. */
  void close(SmtpSession session) {
    try {
      blocking.execute(session::close);
    } catch (RejectedExecutionException _) {
      // The listener is closed; the next start sweeps away what was not finished.
    }
  }

  /** Does the work of {@code later} and returns what it answers; a temporary failure when it throws. */
  static Answer answer(Answer.Later later) {
    try {
      return later.work().get();
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("session failed");
      return later.onFailure();
    }
  }

  /** Has {@code sink} put on the disk what it holds; when it throws, the message is refused for now. */
  static void drain(MessageSink sink) {
    try {
      sink.drain();
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("session failed");
      sink.refuse(ServerReplies.OUR_FAULT);
    }
  }
}
