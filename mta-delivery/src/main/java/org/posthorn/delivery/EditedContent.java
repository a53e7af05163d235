package org.posthorn.delivery;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.posthorn.queue.MessageContent;

/**
 * A message with other fields in its header: with what we tell a server that can learn it in no other way, and without what
 * others told us so (RFC 6758 §3.3, RFC 7293 §6.1).
 */
final class EditedContent implements MessageContent {
  /** How much is looked at of a field, and of a line. */
  private static final int MAX_FIELD = 2_000;
  private static final int MAX_NAME = 32;

  /** A field: its name in lower case, and what stands behind the colon, unfolded, as far as it is looked at. */
  record Field(String name, String value) {
    private static Field of(CharSequence text) {
      String all = text.toString();
      int colon = all.indexOf(':');
      return colon < 0
          ? new Field("", "")
          : new Field(all.substring(0, colon).strip().toLowerCase(Locale.ROOT),
              all.substring(colon + 1).replace("\r", "").replace("\n", "").strip());
    }
  }

  /** Octets that are left out. */
  private record Gap(long start, long end) {}

  private final MessageContent original;
  private final byte[] added;
  private final List<Gap> gaps;

  private EditedContent(MessageContent original, byte[] added, List<Gap> gaps) {
    this.original = original;
    this.added = added;
    this.gaps = gaps;
  }

  /** Puts {@code added}, fields with their line ends or nothing, on top of {@code original}, and leaves out what is to go. */
  static MessageContent of(MessageContent original, String added, Predicate<Field> isGone) throws IOException {
    var gaps = gaps(original, isGone);
    return added.isEmpty() && gaps.isEmpty()
        ? original
        : new EditedContent(original, added.getBytes(StandardCharsets.UTF_8), gaps);
  }

  private static List<Gap> gaps(MessageContent content, Predicate<Field> isGone) throws IOException {
    var gaps = new ArrayList<Gap>();
    try (var in = new BufferedInputStream(content.open())) {
      var field = new StringBuilder();
      long start = 0;
      long end = 0;
      for (var line = Line.read(in); line.isHeader(); line = Line.read(in)) {
        if (!line.isFolded()) {
          close(field, new Gap(start, end), isGone, gaps);
          start = end;
        }
        field.append(line.beginning(), 0, Math.min(line.beginning().length(), MAX_FIELD - field.length()));
        end += line.length();
      }
      close(field, new Gap(start, end), isGone, gaps);
    }
    return List.copyOf(gaps);
  }

  private static void close(StringBuilder field, Gap place, Predicate<Field> isGone, List<Gap> gaps) {
    if (!field.isEmpty() && isGone.test(Field.of(field))) {
      gaps.add(place);
    }
    field.setLength(0);
  }

  /** The beginning of a line in UTF-8, with its end when it is short, and its length in octets with its end. */
  private record Line(String beginning, long length) {
    static Line read(InputStream in) throws IOException {
      var beginning = new ByteArrayOutputStream();
      long length = 0;
      int octet = 0;
      while (octet != '\n' && (octet = in.read()) >= 0) {
        length++;
        if (beginning.size() < MAX_FIELD) {
          beginning.write(octet);
        }
      }
      return new Line(beginning.toString(StandardCharsets.UTF_8), length);
    }

    /** Whether it is one of the header section; only long ones may be without a colon in sight. */
    boolean isHeader() {
      return length > 0 && (isFolded() || beginning.indexOf(':') > 0 || length > MAX_NAME);
    }

    boolean isFolded() {
      return beginning.startsWith(" ") || beginning.startsWith("\t");
    }
  }

  @Override
  public long size() {
    return added.length + original.size() - gaps.stream().mapToLong(gap -> gap.end() - gap.start()).sum();
  }

  @Override
  public InputStream open() throws IOException {
    return new SequenceInputStream(new ByteArrayInputStream(added), new Rest(original.open()));
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
