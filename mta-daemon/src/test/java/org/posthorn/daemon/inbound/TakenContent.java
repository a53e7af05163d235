package org.posthorn.daemon.inbound;

import java.nio.charset.StandardCharsets;
import org.posthorn.smtp.Reply;

/** What was taken of a message, as text; nobody may refuse it. */
final class TakenContent implements MessageSink {
  private final StringBuilder text = new StringBuilder();

  @Override
  public void take(byte[] octets, int from, int to) {
    text.append(new String(octets, from, to - from, StandardCharsets.ISO_8859_1));
  }

  @Override
  public boolean isFull() {
    return false;
  }

  @Override
  public void drain() {
    // nothing is held back
  }

  @Override
  public void refuse(Reply reason) {
    throw new AssertionError("that is for the session to do: " + reason);
  }

  String text() {
    return text.toString();
  }
}
