package org.posthorn.delivery.sevenbit;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the header of a MIME entity says of its body (RFC 2045 §5, §6). Filled field by field while the header is read.
 */
final class Entity {
  /** How the body is made up. */
  enum Kind {
    /** It has no parts that matter here. */
    LEAF,
    /** Parts between boundaries (RFC 2046 §5.1). */
    MULTIPART,
    /** A message with a header of its own (RFC 2046 §5.2.1). */
    MESSAGE
  }

  private static final Pattern TYPE = Pattern.compile("\\s*([^\\s/;]+)\\s*/\\s*([^\\s;]+)");
  private static final Pattern BOUNDARY = Pattern.compile(";\\s*+boundary\\s*+=\\s*+(?:\"([^\"]++)\"|([^\\s;\"]++))",
      Pattern.CASE_INSENSITIVE);
  private static final Pattern COMMENT = Pattern.compile("\\([^()]*\\)");

  private final boolean root;
  private final boolean frozen;
  private String type;
  private String subtype;
  private String boundary = "";
  private byte[] delimiter = {};
  private String encoding = "7bit";
  private boolean hasEncoding;
  private boolean hasType;
  private boolean hasVersion;

  private Entity(boolean root, boolean frozen, String type, String subtype) {
    this.root = root;
    this.frozen = frozen;
    this.type = type;
    this.subtype = subtype;
  }

  /** The beginning of a message; {@code frozen} when it lies in something signed. */
  static Entity message(boolean frozen) {
    return new Entity(true, frozen, "text", "plain");
  }

  /** A part of {@code parent}, a multipart. */
  static Entity part(Entity parent) {
    boolean sealed = parent.frozen || parent.isSealed();
    return parent.subtype.equals("digest") // RFC 2046 §5.1.5
        ? new Entity(false, sealed, "message", "rfc822")
        : new Entity(false, sealed, "text", "plain");
  }

  /** Takes note of a field, folded or not. */
  void field(String field) {
    int colon = field.indexOf(':');
    if (colon < 0) {
      return;
    }
    String value = field.substring(colon + 1).replace("\r", "").replace("\n", "");
    switch (field.substring(0, colon).strip().toLowerCase(Locale.ROOT)) {
      case "mime-version" -> hasVersion = true;
      case "content-transfer-encoding" -> {
        String token = COMMENT.matcher(value).replaceAll("").strip().toLowerCase(Locale.ROOT);
        encoding = token.isEmpty() || hasEncoding ? encoding : token; // the first one counts
        hasEncoding = true;
      }
      case "content-type" -> contentType(value);
      default -> {
      }
    }
  }

  private void contentType(String value) {
    Matcher match = TYPE.matcher(value);
    if (hasType || !match.lookingAt()) {
      return; // the first one counts; one that cannot be read leaves the default (RFC 2045 §5.2)
    }
    hasType = true;
    type = match.group(1).toLowerCase(Locale.ROOT);
    subtype = match.group(2).toLowerCase(Locale.ROOT);
    Matcher parameter = BOUNDARY.matcher(value);
    if (parameter.find(match.end())) {
      String quoted = parameter.group(1);
      boundary = (quoted != null ? quoted : parameter.group(2)).stripTrailing();
      delimiter = ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  /** How the body is made up. An encoded body hides its parts, although it must not be encoded (RFC 2045 §6.4). */
  Kind kind() {
    if (!isPlain()) {
      return Kind.LEAF;
    }
    if (type.equals("multipart")) {
      return boundary.isEmpty() ? Kind.LEAF : Kind.MULTIPART;
    }
    return type.equals("message") && (subtype.equals("rfc822") || subtype.equals("news")) ? Kind.MESSAGE : Kind.LEAF;
  }

  /** Whether this begins a message rather than a part. */
  boolean isRoot() {
    return root;
  }

  /** Whether it must stay as it is, octet by octet. */
  boolean isFrozen() {
    return frozen;
  }

  /** Whether its parts must stay as they are: RFC 1847 §2.1, §2.2. */
  boolean isSealed() {
    return type.equals("multipart") && (subtype.equals("signed") || subtype.equals("encrypted"));
  }

  /** Whether the body stands as it is: 7bit, 8bit or binary. */
  boolean isPlain() {
    return encoding.equals("7bit") || isEightBit();
  }

  /** Whether the header announces octets above 127. */
  boolean isEightBit() {
    return encoding.equals("8bit") || encoding.equals("binary");
  }

  /** Whether a Content-Transfer-Encoding was given. */
  boolean hasEncoding() {
    return hasEncoding;
  }

  /** Whether a Content-Type was given. */
  boolean hasType() {
    return hasType;
  }

  /** Whether a MIME-Version was given. */
  boolean hasVersion() {
    return hasVersion;
  }

  /** Returns the encoding, in lower case. */
  String encoding() {
    return encoding;
  }

  /** Returns {@code type/subtype}, in lower case. */
  String mediaType() {
    return type + "/" + subtype;
  }

  /** Whether quoted-printable suits the body: it is text, or fields that read like text. */
  boolean isTextual() {
    return type.equals("text") || (type.equals("message") && !subtype.equals("global"));
  }

  /** Whether this body must never be encoded (RFC 2046 §5.2.2, §5.2.3), or is of parts that cannot be told apart. */
  boolean isUnencodable() {
    return type.equals("multipart") || mediaType().equals("message/partial")
        || mediaType().equals("message/external-body");
  }

  /** Whether its boundary is ASCII, as it must be (RFC 2046 §5.1.1). */
  boolean hasCleanBoundary() {
    return boundary.chars().allMatch(c -> c < 128);
  }

  /** Returns what stands at the start of a delimiter line. */
  byte[] delimiter() {
    return delimiter;
  }
}
