package org.posthorn.delivery;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.posthorn.queue.MessageContent;
import org.posthorn.smtp.Priority;
import org.posthorn.smtp.PriorityField;

/**
 * A message with the priority that we know it has in its header, and no other there: for a server that can learn it in no
 * other way (RFC 6758 §3.3).
 */
final class PrioritisedContent implements MessageContent {
  private static final int MAX_NAME = 32;

  /** Octets that are left out. */
  private record Gap(long start, long end) {}

  private final MessageContent original;
  private final byte[] field;
  private final List<Gap> gaps;

  private PrioritisedContent(MessageContent original, byte[] field, List<Gap> gaps) {
    this.original = original;
    this.field = field;
    this.gaps = gaps;
  }

  /** Puts {@code priority}, if there is one to tell, in place of whatever the header of {@code original} says. */
  static MessageContent of(MessageContent original, Optional<Priority> priority) throws IOException {
    byte[] field = priority.map(PriorityField::of).orElse("").getBytes(StandardCharsets.US_ASCII);
    var gaps = gaps(original);
    return field.length == 0 && gaps.isEmpty() ? original : new PrioritisedContent(original, field, gaps);
  }

  /** Returns where fields are that tell a priority, each a gap, the lines that belong to it included. */
  private static List<Gap> gaps(MessageContent content) throws IOException {
    var gaps = new ArrayList<Gap>();
    try (var in = new BufferedInputStream(content.open())) {
      boolean isIn = false;
      long start = 0;
      long end = 0;
      for (var line = Line.read(in); line.isHeader(); line = Line.read(in)) {
        end = start + line.length();
        isIn = line.isFolded() ? isIn : line.name().equals(PriorityField.NAME);
        if (isIn) {
          gaps.add(new Gap(start, end));
        }
        start = end;
      }
    }
    return List.copyOf(gaps);
  }

  /** The beginning of a line, up to what may be a name, and its length in octets with its end. */
  private record Line(String beginning, long length) {
    static Line read(InputStream in) throws IOException {
      var beginning = new StringBuilder(MAX_NAME);
      long length = 0;
      int octet = 0;
      while (octet != '\n' && (octet = in.read()) >= 0) {
        length++;
        if (beginning.length() < MAX_NAME) {
          beginning.append((char) octet);
        }
      }
      return new Line(beginning.toString(), length);
    }

    /** Whether it is one of the header section; only long ones may be without a colon in sight. */
    boolean isHeader() {
      return length > 0 && (isFolded() || beginning.indexOf(':') > 0 || length > MAX_NAME);
    }

    boolean isFolded() {
      return beginning.startsWith(" ") || beginning.startsWith("\t");
    }

    String name() {
      int colon = beginning.indexOf(':');
      return colon < 0 ? "" : beginning.substring(0, colon).strip().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public long size() {
    return field.length + original.size() - gaps.stream().mapToLong(gap -> gap.end() - gap.start()).sum();
  }

  @Override
  public InputStream open() throws IOException {
    return new SequenceInputStream(new ByteArrayInputStream(field), new Rest(original.open()));
  }

  /** The message without the gaps. */
  private final class Rest extends FilterInputStream {
    private final byte[] one = new byte[1];
    private long at;
    private int next;

    Rest(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      while (next < gaps.size() && gaps.get(next).start() == at) {
        in.skipNBytes(gaps.get(next).end() - at);
        at = gaps.get(next).end();
        next++;
      }
      long most = next < gaps.size() ? Math.min(length, gaps.get(next).start() - at) : length;
      int count = in.read(bytes, offset, (int) most);
      at += Math.max(0, count);
      return count;
    }

    @Override
    public long skip(long count) throws IOException {
      long skipped = 0;
      while (skipped < count && read() >= 0) {
        skipped++;
      }
      return skipped;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
