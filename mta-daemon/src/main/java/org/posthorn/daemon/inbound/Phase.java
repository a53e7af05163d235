package org.posthorn.daemon.inbound;

import org.posthorn.smtp.Reply;

/** How far the dialogue has come. Each phase holds exactly what is known in it. */
sealed interface Phase {
  /** Before HELO or EHLO. */
  record Greeted() implements Phase {}

  /** Between messages. */
  record Ready(Hello hello) implements Phase {}

  /** After MAIL. */
  record Envelope(Hello hello, Transaction transaction) implements Phase {}

  /** After DATA, until the end of data. */
  record Lines(Hello hello, IncomingMessage message) implements Phase {}

  /** After a BDAT, between chunks and within them. */
  record Chunks(Hello hello, IncomingMessage message, int count, boolean last) implements Phase {}

  /** Within a chunk that comes out of place; {@code answered} unless nobody waits for that (RFC 2033 §4.3). */
  record Unwanted(Phase then, Reply reply, boolean answered) implements Phase {}

  /** After QUIT or 421. */
  record Closed() implements Phase {}

  /** Whether no message is underway, so that the session can be ended without harm. */
  default boolean isBetweenMessages() {
    return switch (this) {
      case Greeted _,Ready _,Closed _ -> true;
      case Envelope _,Lines _,Chunks _,Unwanted _ -> false;
    };
  }

  /** Whether content is coming, some of which may be on the disk. */
  default boolean hasContent() {
    return switch (this) {
      case Lines _,Chunks _ -> true;
      case Greeted _,Ready _,Envelope _,Unwanted _,Closed _ -> false;
    };
  }

  /** Drops the message that is underway. Blocks for the disk when it {@link #hasContent}. */
  default void drop() {
    switch (this) {
      case Lines(var _, var message) -> message.close();
      case Chunks(var _, var message, var _, var _) -> message.close();
      case Greeted _,Ready _,Envelope _,Unwanted _,Closed _ -> {
        // nothing is held
      }
    }
  }
}
