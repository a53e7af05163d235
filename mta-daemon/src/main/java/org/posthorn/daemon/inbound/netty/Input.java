package org.posthorn.daemon.inbound.netty;

import org.posthorn.daemon.inbound.MessageSink;
import org.posthorn.smtp.DotDecoder;
import org.posthorn.smtp.LineFraming;

/** What the octets that come next are. */
sealed interface Input {
  /** Command lines. */
  record Commands() implements Input {}

  /** One line that answers a prompt. */
  record Response(LineFraming framing) implements Input {}

  /** A TLS handshake, which a handler in front of us works off. */
  record Handshake() implements Input {}

  /** Lines of a message, up to the one with a dot. */
  record Lines(DotDecoder decoder, MessageSink sink) implements Input {}

  /** A chunk of a message. */
  final class Octets implements Input {
    private final long length;
    private final MessageSink sink;
    private long missing;

    Octets(long length, MessageSink sink) {
      this.length = length;
      this.sink = sink;
      this.missing = length;
    }

    long length() {
      return length;
    }

    MessageSink sink() {
      return sink;
    }

    boolean isComplete() {
      return missing == 0;
    }

    /** Takes what belongs to the chunk and returns where it ends. */
    int take(byte[] octets, int from, int to) {
      int taken = (int) Math.min(missing, to - from);
      missing -= taken;
      if (taken > 0) {
        sink.take(octets, from, from + taken);
      }
      return from + taken;
    }
  }

  /** Nothing: what still comes is dropped, until the client has taken our last reply and closed. */
  record Nothing() implements Input {}
}
