package org.posthorn.delivery.sevenbit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Writes the converted message, as an {@link Analysis} of it has found that it must become. */
final class Rewriter implements MimeEvents {
  private static final String ENCODING_FIELD = "content-transfer-encoding";

  private final Analysis analysis;
  private final OctetSink out;
  private final EncodedWords words;
  private int leaf = -1;
  private Optional<LeafEncoding> encoding = Optional.empty();
  private boolean dropsField;
  private boolean atLineStart = true;

  /** Writes to {@code sink}. */
  Rewriter(Analysis analysis, OctetSink sink) {
    this.analysis = analysis;
    this.out = octet -> {
      atLineStart = octet == '\n';
      sink.put(octet);
    };
    this.words = new EncodedWords(out);
  }

  @Override
  public void field(Entity entity, byte[] octets, int length, boolean begins) throws IOException {
    if (begins) {
      dropsField = !entity.isFrozen() && isEncodingField(octets, length);
    }
    if (dropsField) {
      return; // written anew at the end of the header, when all is known
    }
    if (isEightBit(octets, length)) {
      words.write(octets, length);
    } else {
      raw(octets, length);
    }
  }

  @Override
  public void headerEnd(Entity entity, byte[] blankLine) throws IOException {
    boolean isLeaf = entity.kind() == Entity.Kind.LEAF;
    leaf += isLeaf ? 1 : 0;
    boolean converts = isLeaf && analysis.isEncoded(leaf);
    encoding = converts ? Optional.of(encodingOf(entity)) : Optional.empty();
    if (!entity.isFrozen()) {
      if (entity.isRoot() && !entity.hasVersion() && (entity.hasType() || converts)) {
        line("MIME-Version: 1.0");
      }
      if (entity.isRoot() && !entity.hasType() && converts) {
        line("Content-Type: text/plain; charset=unknown-8bit"); // RFC 1428 §3
      }
      var token = newEncoding(entity, converts);
      if (token.isPresent()) {
        line("Content-Transfer-Encoding: " + token.get());
      }
    }
    raw(blankLine, blankLine.length);
  }

  @Override
  public void body(Entity entity, byte[] octets, int length) throws IOException {
    if (encoding.isEmpty()) {
      raw(octets, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      encoding.get().octet(octets[i]);
    }
  }

  @Override
  public void bodyEnd(Entity entity) throws IOException {
    if (encoding.isPresent()) {
      encoding.get().finish();
    }
    encoding = Optional.empty();
  }

  @Override
  public void between(boolean frozen, byte[] octets, int length) throws IOException {
    if (!atLineStart && length > 1 && octets[0] == '-' && octets[1] == '-') {
      out.put("\r\n"); // the line end before the delimiter was a bare LF, and is encoded as part of the body
    }
    for (int i = 0; i < length; i++) {
      out.put(octets[i] >= 0 ? octets[i] : '?'); // nobody is shown what stands here (RFC 2046 §5.1.1)
    }
  }

  /** Ends the message. */
  void finish() throws IOException {
    if (!atLineStart) {
      out.put("\r\n");
    }
  }

  private LeafEncoding encodingOf(Entity entity) {
    if (!entity.isPlain()) {
      return new EncodedAlready(out, entity.encoding().equals("quoted-printable"));
    }
    return isReadable(entity) ? new QuotedPrintable(out) : new Base64Lines(out);
  }

  /** Whether quoted-printable suits the leaf in hand. */
  private boolean isReadable(Entity entity) {
    return entity.isTextual() && !analysis.isBinary(leaf);
  }

  private Optional<String> newEncoding(Entity entity, boolean converts) {
    if (converts && entity.isPlain()) {
      return Optional.of(isReadable(entity) ? "quoted-printable" : "base64");
    }
    if (!entity.hasEncoding()) {
      return Optional.empty();
    }
    boolean sevenBitNow = entity.encoding().equals("8bit")
        || (entity.encoding().equals("binary") && (entity.kind() != Entity.Kind.LEAF || analysis.mayBeBinary()));
    return Optional.of(sevenBitNow ? "7bit" : entity.encoding());
  }

  private static boolean isEncodingField(byte[] octets, int length) {
    String start = new String(octets, 0, Math.min(length, ENCODING_FIELD.length() + 2), StandardCharsets.ISO_8859_1);
    int colon = start.indexOf(':');
    return colon >= 0 && start.substring(0, colon).strip().toLowerCase(Locale.ROOT).equals(ENCODING_FIELD);
  }

  private static boolean isEightBit(byte[] octets, int length) {
    for (int i = 0; i < length; i++) {
      if (octets[i] < 0) {
        return true;
      }
    }
    return false;
  }

  private void raw(byte[] octets, int length) throws IOException {
    for (int i = 0; i < length; i++) {
      out.put(octets[i]);
    }
  }

  private void line(String text) throws IOException {
    if (!atLineStart) {
      out.put("\r\n"); // a header that breaks off
    }
    out.put(text + "\r\n");
  }
}
