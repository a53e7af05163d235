package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One reply as it came over the wire, and so one that no client could misread.
 *
 * @param code what all its lines begin with
 * @param lines the lines without code and line end
 */
record Heard(int code, List<String> lines) {
  private static final Pattern LINE = Pattern.compile("[2-5]\\d\\d[- ][ -~]{0,506}");
  private static final Pattern STATUS = Pattern.compile("[245]\\.\\d{1,3}\\.\\d{1,3} [ -~]*");

  Heard {
    lines = List.copyOf(lines);
  }

  /** Reads the replies in {@code wire}; throws AssertionError where that is anything else (RFC 5321 §4.2). */
  static List<Heard> all(String wire) {
    var replies = new ArrayList<Heard>();
    var lines = new ArrayList<String>();
    var rest = wire;
    while (!rest.isEmpty()) {
      int end = rest.indexOf("\r\n");
      assertThat(end).as("a line end in %s", rest).isNotNegative();
      var line = rest.substring(0, end);
      assertThat(line).matches(LINE);
      lines.add(line.substring(4));
      if (line.charAt(3) == ' ') {
        replies.add(new Heard(Integer.parseInt(line.substring(0, 3)), lines));
        lines.clear();
      } else {
        assertThat(rest.substring(end + 2)).as("more of the reply").startsWith(line.substring(0, 3));
      }
      rest = rest.substring(end + 2);
    }
    assertThat(lines).as("a reply without an end").isEmpty();
    return replies;
  }

  /** Whether each line has an enhanced status of the class of the code (RFC 2034 §4). */
  boolean hasStatus() {
    return lines.stream().allMatch(line -> STATUS.matcher(line).matches() && line.charAt(0) - '0' == code / 100);
  }

  /** Returns code and text on one line. */
  @Override
  public String toString() {
    return code + " " + String.join(" ", lines);
  }
}
