package org.posthorn.queue.dsn;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.SpoolException;

/**
 * What a DSN needs of the message that it reports on, read with bounded memory.
 *
 * @param header the header section without the empty line that ends it, cut to whole lines when it is very long
 * @param whole header and body, when they were asked for and are not too long
 */
record OriginalMessage(byte[] header, Optional<byte[]> whole) {
  /** A longer header section is cut: no mail program shows more. */
  static final int MAX_HEADER_BYTES = 64 * 1024;

  private static final Pattern MESSAGE_ID = Pattern.compile("<[!-;=?-~]{1,250}>");
  private static final int MAX_REFERENCES = 10;

  /** Reads {@code content}, whole when it is no longer than {@code maxWholeBytes}; empty when it cannot be read. */
  static Optional<OriginalMessage> read(MessageContent content, long maxWholeBytes) {
    try (var in = content.open()) {
      boolean all = content.size() <= maxWholeBytes;
      byte[] octets = in.readNBytes(all ? Math.toIntExact(content.size()) : MAX_HEADER_BYTES);
      return Optional.of(new OriginalMessage(headerOf(octets), all ? Optional.of(octets) : Optional.empty()));
    } catch (IOException | SpoolException _) {
      return Optional.empty(); // the report matters more than the copy
    }
  }

  /** Returns the value of the first field {@code name}, unfolded; as ISO-8859-1, which keeps every octet. */
  Optional<String> field(String name) {
    String start = name + ":";
    var value = new StringBuilder();
    boolean found = false;
    for (String line : new String(header, StandardCharsets.ISO_8859_1).split("\r\n", -1)) {
      boolean continued = line.startsWith(" ") || line.startsWith("\t");
      if (found && !continued) {
        break;
      }
      found = found || line.regionMatches(true, 0, start, 0, start.length());
      if (found) {
        value.append(continued ? line : line.substring(start.length()));
      }
    }
    return Optional.of(value.toString().strip()).filter(text -> !text.isEmpty());
  }

  /** Returns the Message-ID, when it is one. */
  Optional<String> messageId() {
    return field("message-id").filter(id -> MESSAGE_ID.matcher(id).matches());
  }

  /** Returns the thread that an answer to this message belongs to, this message last (RFC 5322 §3.6.4). */
  List<String> references() {
    var ids = new ArrayList<String>();
    field("references")
        .ifPresent(value -> MESSAGE_ID.matcher(value).results().map(MatchResult::group).forEach(ids::add));
    messageId().ifPresent(ids::add);
    return ids.subList(Math.max(0, ids.size() - MAX_REFERENCES), ids.size());
  }

  private static byte[] headerOf(byte[] octets) {
    int length = Math.min(octets.length, MAX_HEADER_BYTES);
    int lineStart = 0;
    for (int i = 0; i + 1 < length; i++) {
      if (octets[i] == '\r' && octets[i + 1] == '\n') {
        if (i == lineStart) {
          return Arrays.copyOf(octets, lineStart); // the empty line
        }
        lineStart = i + 2;
      }
    }
    // Without an empty line all is header; a line that does not end is kept only where the message itself ends.
    return Arrays.copyOf(octets, octets.length < MAX_HEADER_BYTES ? length : lineStart);
  }
}
