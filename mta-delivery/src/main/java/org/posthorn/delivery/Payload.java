package org.posthorn.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.posthorn.queue.MessageContent;
import org.posthorn.smtp.DotEncoder;

/**
 * The octets of a message for one transaction. A small message is read before the first command; a large one is streamed.
 * Used by one thread.
 */
final class Payload {
  /** Up to this size a message is small. */
  static final int SMALL_BYTES = 64 * 1024;
  private static final int BLOCK_BYTES = 64 * 1024;

  private final MessageContent content;
  private final byte[] inMemory; // the whole message when it is small, else empty

  private Payload(MessageContent content, byte[] inMemory) {
    this.content = content;
    this.inMemory = inMemory;
  }

  /** Reads {@code content}, if it is small. */
  static Payload of(MessageContent content) throws UnreadableContent {
    if (content.size() > SMALL_BYTES) {
      return new Payload(content, new byte[0]);
    }
    try (var in = content.open()) {
      byte[] octets = new byte[(int) content.size()];
      int length = in.readNBytes(octets, 0, octets.length);
      if (length != octets.length || in.read() >= 0) {
        throw new UnreadableContent(length + " octets instead of " + octets.length + ", or more");
      }
      return new Payload(content, octets);
    } catch (UnreadableContent e) {
      throw e;
    } catch (IOException e) {
      throw new UnreadableContent(e);
    }
  }

  boolean isSmall() {
    return content.size() <= SMALL_BYTES;
  }

  long size() {
    return content.size();
  }

  /** Sends it as the data after DATA, final dot included. */
  void sendDotted(SmtpConnection connection) throws IOException {
    var encoder = new DotEncoder(connection.content());
    copy(connection, encoder);
    connection.beginBlock();
    encoder.finish();
  }

  /** Puts it into the connection as it is: what follows BDAT. */
  void sendPlain(SmtpConnection connection) throws IOException {
    copy(connection, connection.content());
  }

  /** Copies the whole message, or throws: what is cut off must not be taken for a message. */
  private void copy(SmtpConnection connection, OutputStream out) throws IOException {
    if (isSmall()) {
      connection.beginBlock();
      out.write(inMemory);
      return;
    }
    long left = content.size();
    try (var in = open()) {
      byte[] block = new byte[BLOCK_BYTES];
      while (left > 0) {
        int length = read(in, block, (int) Math.min(left, block.length));
        connection.beginBlock();
        out.write(block, 0, length);
        left -= length;
      }
    }
  }

  private InputStream open() throws UnreadableContent {
    try {
      return content.open();
    } catch (IOException e) {
      throw new UnreadableContent(e);
    }
  }

  private static int read(InputStream in, byte[] block, int most) throws UnreadableContent {
    int length;
    try {
      length = in.read(block, 0, most);
    } catch (IOException e) {
      throw new UnreadableContent(e);
    }
    if (length <= 0) {
      throw new UnreadableContent("the message is shorter than its size");
    }
    return length;
  }
}
