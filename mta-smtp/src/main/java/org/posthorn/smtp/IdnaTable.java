package org.posthorn.smtp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What UTS #46 says of each character above 127, nontransitional: valid, mapped to others, or disallowed. Read from a
 * generated resource when the first internationalised name is seen.
 */
final class IdnaTable {
  /** How a character joins its neighbours (RFC 5892 appendix A). */
  enum Joining {
    NONE, LEFT, RIGHT, DUAL, TRANSPARENT, VIRAMA
  }

  private record Range(int first, int last, char kind, Joining joining, String mapped) {}

  private static final IdnaTable INSTANCE = read();

  private final int[] firsts;
  private final List<Range> ranges;

  private IdnaTable(List<Range> ranges) {
    this.ranges = ranges;
    this.firsts = ranges.stream().mapToInt(Range::first).toArray();
  }

  /** Appends what {@code c} is mapped to, perhaps nothing or itself; false when it is disallowed. */
  static boolean map(int c, StringBuilder mapped) {
    int i = INSTANCE.index(c);
    if (i < 0) {
      return false;
    }
    Range range = INSTANCE.ranges.get(i);
    if (range.kind == 'V') {
      mapped.appendCodePoint(c);
    } else if (range.first == range.last) {
      mapped.append(range.mapped);
    } else if (range.kind == 'M') {
      mapped.appendCodePoint(range.mapped.codePointAt(0) + c - range.first);
    }
    return true;
  }

  /** Whether {@code c} may stand in a U-label as it is. */
  static boolean isValid(int c) {
    int i = INSTANCE.index(c);
    return i >= 0 && INSTANCE.ranges.get(i).kind == 'V';
  }

  /** Returns how {@code c} joins. */
  static Joining joining(int c) {
    int i = INSTANCE.index(c);
    return i < 0 ? Joining.NONE : INSTANCE.ranges.get(i).joining;
  }

  private int index(int c) {
    int found = Arrays.binarySearch(firsts, c);
    int i = found >= 0 ? found : -found - 2;
    return i >= 0 && c <= ranges.get(i).last ? i : -1;
  }

  private static IdnaTable read() {
    List<Range> ranges = new ArrayList<>();
    try (InputStream in = Objects.requireNonNull(IdnaTable.class.getResourceAsStream("idna.txt"), "idna.txt");
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      lines.lines().filter(line -> !line.startsWith("#")).map(IdnaTable::range).forEach(ranges::add);
      return new IdnaTable(List.copyOf(ranges));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Range range(String line) {
    int space = line.indexOf(' ');
    int dash = line.lastIndexOf('-', space);
    int first = Integer.parseInt(line, 0, dash < 0 ? space : dash, 16);
    int last = dash < 0 ? first : Integer.parseInt(line, dash + 1, space, 16);
    char kind = line.charAt(space + 1);
    String rest = line.substring(space + 2);
    return new Range(first, last, kind, kind == 'V' ? joining(rest) : Joining.NONE, kind == 'M' ? mapped(rest) : "");
  }

  private static Joining joining(String letter) {
    return switch (letter) {
      case "L" -> Joining.LEFT;
      case "R" -> Joining.RIGHT;
      case "D" -> Joining.DUAL;
      case "T" -> Joining.TRANSPARENT;
      case "v" -> Joining.VIRAMA;
      default -> Joining.NONE;
    };
  }

  private static String mapped(String points) {
    var text = new StringBuilder();
    for (String point : points.strip().split(" ", -1)) {
      text.appendCodePoint(Integer.parseInt(point, 16));
    }
    return text.toString();
  }
}
