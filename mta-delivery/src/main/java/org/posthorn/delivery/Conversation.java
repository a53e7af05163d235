package org.posthorn.delivery;

import java.io.IOException;
import java.net.SocketTimeoutException;

/** What is said over one connection about one message. */
final class Conversation {
  private Conversation() {}

  /**
   * Runs transactions until the server has settled all that it will. Returns whether the connection can be used again; it is
   * closed otherwise.
   */
  static boolean hold(SmtpConnection connection, MessageForm form, Ledger ledger) throws InterruptedException {
    try {
      int before = Integer.MAX_VALUE;
      while (ledger.hasOpen() && ledger.open().size() < before && connection.isReusable(Integer.MAX_VALUE)) {
        before = ledger.open().size();
        var outgoing = form.fit(connection, ledger);
        if (!outgoing.recipients().isEmpty()) {
          new Transaction(connection, outgoing, ledger).run();
        }
      }
      return isKept(!ledger.hasOpen(), connection);
    } catch (IOException e) {
      connection.close();
      Opener.throwIfInterrupted();
      noteLoss(connection, e, ledger);
      return false;
    } catch (RuntimeException | Error e) { // whose turn it is to speak is unknown
      connection.close();
      throw e;
    }
  }

  private static void noteLoss(SmtpConnection connection, IOException e, Ledger ledger) {
    if (connection.wasDead() && !(e instanceof SocketTimeoutException)) {
      return; // it may be closed at any time between two tasks, which is nobody's failure
    }
    var outcome = FailurePolicy.lost(connection.stage(), e, connection.remote());
    if (e instanceof UnreadableContent) {
      ledger.settleAll(outcome); // no other server can help
    } else if (connection.mayHaveMessage() && !(e instanceof ServerClosing)) {
      ledger.settleAll(outcome); // another server would perhaps be the second to take it
      ledger.noteUnreached();
    } else {
      ledger.addObstacle(outcome);
    }
  }

  /**
   * Keeps the connection, unless its server cannot take all of the message and makes room for the next. What was delivered
   * is not reported before this returns, so no goodbye is waited for here.
   */
  private static boolean isKept(boolean isSuited, SmtpConnection connection) {
    if (isSuited) {
      connection.rest();
    } else {
      connection.leave();
    }
    return isSuited;
  }
}
