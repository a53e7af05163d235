package org.posthorn.queue.dsn;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads bounces, those of others and our own, with nothing of the code that writes ours: a message as ISO-8859-1 text with
 * CRLF or LF.
 */
record BounceReader(List<Field> header, String body) {
  private static final Pattern BOUNDARY = Pattern.compile(";\\s*boundary\\s*=\\s*(?:\"([^\"]*)\"|([^\\s;]+))",
      Pattern.CASE_INSENSITIVE);

  /** A header field, unfolded, with single spaces. */
  record Field(String name, String value) {}

  static BounceReader read(String message) {
    var header = new ArrayList<Field>();
    String rest = message.replace("\r\n", "\n");
    while (!rest.isEmpty() && !rest.startsWith("\n")) {
      int end = rest.indexOf('\n');
      String line = end < 0 ? rest : rest.substring(0, end);
      rest = end < 0 ? "" : rest.substring(end + 1);
      int colon = line.indexOf(':');
      if (line.matches("[ \t].*") && !header.isEmpty()) {
        var last = header.removeLast();
        header.add(new Field(last.name(), (last.value() + " " + line).replaceAll("\\s+", " ").strip()));
      } else if (colon > 0 && line.substring(0, colon).matches("[!-~]+[ \t]*")) {
        header.add(
            new Field(line.substring(0, colon).strip(), line.substring(colon + 1).replaceAll("\\s+", " ").strip()));
      } else if (!line.startsWith("From ")) {
        rest = line + "\n" + rest; // no header field: the body begins without an empty line
        return new BounceReader(header, rest);
      }
    }
    return new BounceReader(header, rest.isEmpty() ? "" : rest.substring(1));
  }

  Optional<String> field(String name) {
    return header.stream().filter(field -> field.name().equalsIgnoreCase(name)).map(Field::value).findFirst();
  }

  String type() {
    return field("Content-Type").orElse("text/plain").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  /** Returns the parts of a multipart; none for anything else. */
  List<BounceReader> parts() {
    var match = BOUNDARY.matcher(field("Content-Type").orElse(""));
    var parts = new ArrayList<BounceReader>();
    if (!type().startsWith("multipart/") || !match.find()) {
      return parts;
    }
    String delimiter = "\n--" + Optional.ofNullable(match.group(1)).orElseGet(() -> match.group(2));
    String text = "\n" + body;
    for (int at = text.indexOf(delimiter); at >= 0 && !text.startsWith("--", at + delimiter.length());) {
      int start = text.indexOf('\n', at + 1);
      int end = start < 0 ? -1 : text.indexOf(delimiter, start);
      if (start >= 0) {
        parts.add(read(text.substring(Math.min(start + 1, end < 0 ? text.length() : Math.max(start + 1, end)),
            end < 0 ? text.length() : Math.max(start + 1, end))));
      }
      at = end;
    }
    return parts;
  }

  /** Returns the body, decoded, as ISO-8859-1. */
  String decoded() {
    return switch (field("Content-Transfer-Encoding").orElse("7bit").toLowerCase(Locale.ROOT)) {
      case "quoted-printable" -> fromQuotedPrintable(body);
      case "base64" -> new String(Base64.getMimeDecoder().decode(body), StandardCharsets.ISO_8859_1);
      default -> body;
    };
  }

  /** Returns the groups of fields of the first delivery status in this message (RFC 3464 §2.1). */
  List<List<Field>> deliveryStatus() {
    if (type().matches("message/(global-)?delivery-status")) {
      var groups = new ArrayList<List<Field>>();
      for (String group : decoded().strip().split("\n[ \t]*\n[\\s]*", -1)) {
        groups.add(read(group + "\n").header());
      }
      return groups;
    }
    return parts().stream()
        .map(BounceReader::deliveryStatus)
        .filter(groups -> !groups.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  private static String fromQuotedPrintable(String text) {
    var octets = new StringBuilder();
    String joined = text.replaceAll("=[ \t]*\n", "");
    for (int i = 0; i < joined.length(); i++) {
      if (joined.charAt(i) == '=') {
        octets.append((char) Integer.parseInt(joined.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        octets.append(joined.charAt(i));
      }
    }
    return octets.toString();
  }
}
