package org.posthorn.daemon.inbound;

import org.posthorn.smtp.ContentSink;
import org.posthorn.smtp.Reply;

/** Where the octets of a message go while it arrives. Used by one thread at a time. */
public interface MessageSink extends ContentSink {
  /** Takes octets of content without waiting for anything. */
  @Override
  void take(byte[] octets, int from, int to);

  /** Whether so much is held in memory that {@link #drain} should run before more is taken. */
  boolean isFull();

  /** Writes what is held to the spool. Blocks for the disk. Never throws for it: the message is refused in the end. */
  void drain();

  /** Makes the message one that is refused with {@code reason}; the first reason counts. Its octets are still taken. */
  void refuse(Reply reason);

  /** Takes octets that nobody wants. */
  MessageSink NOWHERE = new Nowhere();

  /** Drops everything. */
  record Nowhere() implements MessageSink {
    @Override
    public void take(byte[] octets, int from, int to) {
      // dropped
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
      // it is already
    }
  }
}
