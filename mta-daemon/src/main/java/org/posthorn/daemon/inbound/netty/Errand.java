package org.posthorn.daemon.inbound.netty;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.posthorn.daemon.inbound.Answer;
import org.posthorn.daemon.inbound.MessageSink;
import org.posthorn.daemon.inbound.ServerReplies;
import org.posthorn.daemon.inbound.SmtpSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a session has done off the event loop. A bug of ours must not cost the client its message. */
final class Errand {
  private static final Logger log = LoggerFactory.getLogger(Errand.class);

  private Errand() {}

  /** Does the work of {@code later} and returns what it answers; a temporary failure when it throws. */
  static Answer run(Answer.Later later) {
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

  /** Closes {@code session}: what the client left unfinished may have to be taken off the disk. */
  static void close(SmtpSession session, Executor blocking) {
    try {
      blocking.execute(session::close);
    } catch (RejectedExecutionException _) {
      // The listener is closed; the next start sweeps away what was not finished.
    }
  }
}
