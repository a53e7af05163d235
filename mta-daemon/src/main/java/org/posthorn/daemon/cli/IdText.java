package org.posthorn.daemon.cli;

import org.posthorn.queue.QueueId;

/** An id as somebody typed it. */
final class IdText {
  private IdText() {}

  /** Returns {@code text} when it has the form of an id; else the command fails. */
  static String of(String text) {
    if (!QueueId.isValid(text)) {
      throw Failure.usage("not a queue id: \"" + text + "\" (they have 16 letters and digits)");
    }
    return text;
  }
}
