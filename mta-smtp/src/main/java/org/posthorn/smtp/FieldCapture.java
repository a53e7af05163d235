package org.posthorn.smtp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the values of some fields of a message's header section on its way in (RFC 5322 §2.2), unfolded. Bounded memory;
 * one thread at a time uses it.
 */
public final class FieldCapture implements ContentSink {
  /** Where in a line we are; of what is not wanted only the name is looked at. */
  private enum Part {
    NAME, VALUE, SKIPPED
  }

  /** What a field takes besides its value: a header section of nothing but empty ones must not take more than its size. */
  private static final int FIELD_OCTETS = 16;

  private final Set<String> names;
  private final int maxOctets;
  private final Map<String, List<StringBuilder>> values = new HashMap<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private Optional<StringBuilder> current = Optional.empty();
  private Part part = Part.NAME;
  private int kept;
  private boolean complete = true;
  private boolean ended;

  /**
   * Will keep these fields.
   *
   * @param names in lower case
   * @param maxOctets how much is kept of all of them, and of one line
   */
  public FieldCapture(Set<String> names, int maxOctets) {
    this.names = Set.copyOf(names);
    this.maxOctets = maxOctets;
  }

  @Override
  public void take(byte[] octets, int from, int to) {
    for (int i = from; i < to && !ended; i++) {
      if (octets[i] == '\n') {
        endOfLine();
        line.reset();
        part = Part.NAME;
      } else if (part != Part.SKIPPED) {
        keep(octets[i]);
      }
    }
  }

  private void keep(byte octet) {
    if (line.size() >= maxOctets) {
      complete &= current.isEmpty() && !isWanted();
      part = Part.SKIPPED; // once for each line: who sends long ones must not have them looked at octet by octet
      return;
    }
    line.write(octet);
    if (part == Part.NAME && line.size() == 1 && (octet == ' ' || octet == '\t')) {
      part = current.isPresent() ? Part.VALUE : Part.SKIPPED;
    } else if (part == Part.NAME && octet == ':') {
      part = isWanted() ? Part.VALUE : Part.SKIPPED;
    }
  }

  /** Whether the header section is over. */
  public boolean isEnded() {
    return ended;
  }

  /** Whether everything was kept that was to be kept. */
  public boolean isComplete() {
    return complete;
  }

  /** Returns the values of the fields of this name, each without the line ends in it, in their order. */
  public List<String> values(String name) {
    return values.getOrDefault(name, List.of()).stream().map(value -> value.toString().strip()).toList();
  }

  private boolean isWanted() {
    String text = line.toString(StandardCharsets.ISO_8859_1);
    int colon = text.indexOf(':');
    return colon > 0 && names.contains(name(text, colon));
  }

  private void endOfLine() {
    String text = line.toString(StandardCharsets.UTF_8);
    if (text.endsWith("\r")) {
      text = text.substring(0, text.length() - 1);
    }
    if (text.startsWith(" ") || text.startsWith("\t")) {
      keep(text);
      return;
    }
    int colon = text.indexOf(':');
    ended = colon <= 0; // an empty line, or one that is no field: from here on it is body
    current = ended || !names.contains(name(text, colon)) ? Optional.empty() : Optional.of(begin(name(text, colon)));
    keep(text.substring(colon + 1));
  }

  private StringBuilder begin(String name) {
    var value = new StringBuilder();
    kept += FIELD_OCTETS;
    complete &= kept <= maxOctets;
    if (complete) {
      values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }
    return value;
  }

  private void keep(String text) {
    if (current.isPresent()) {
      kept += text.length();
      complete &= kept <= maxOctets;
      if (complete) {
        current.get().append(text);
      }
    }
  }

  private static String name(String text, int colon) {
    return Ascii.toLowerCase(text.substring(0, colon).strip());
  }
}
