package org.posthorn.delivery.sevenbit;

import java.util.BitSet;
import java.util.Optional;
import java.util.Set;

/** Finds out what has to be converted, and whether it can be. */
final class Analysis implements MimeEvents {
  private static final Set<String> KNOWN = Set.of("7bit", "8bit", "binary", "quoted-printable", "base64");
  private static final int MAX_LINE = 998; // RFC 2045 §2.7

  private final boolean mayBeBinary;
  private final BitSet eightBitLeaves = new BitSet();
  private final BitSet binaryLeaves = new BitSet();
  private int leaf = -1;
  private int lineLength;
  private boolean eightBit;
  private Optional<String> problem = Optional.empty();

  /** Looks at a message that may hold more than lines when {@code mayBeBinary}. */
  Analysis(boolean mayBeBinary) {
    this.mayBeBinary = mayBeBinary;
  }

  /** Whether any octet is above 127, or the message is one that may hold more than lines, and so says what it may not stay. */
  boolean isAnythingToDo() {
    return eightBit || mayBeBinary;
  }

  /** Whether a body that is called binary has to be called otherwise. */
  boolean mayBeBinary() {
    return mayBeBinary;
  }

  /** Returns why the message cannot be converted, if so. */
  Optional<String> problem() {
    return problem;
  }

  /** Whether the leaf with this number, counted from 0, has to be encoded. */
  boolean isEncoded(int number) {
    return eightBitLeaves.get(number) || binaryLeaves.get(number);
  }

  /** Whether that leaf is no sequence of lines. */
  boolean isBinary(int number) {
    return binaryLeaves.get(number);
  }

  @Override
  public void field(Entity entity, byte[] octets, int length, boolean begins) {
    requireLines(octets, length);
    if (note(octets, length)) {
      frozen(entity.isFrozen());
    }
  }

  @Override
  public void headerEnd(Entity entity, byte[] blankLine) {
    if (!entity.hasCleanBoundary()) {
      found("its structure cannot be read");
    }
    requireLines(blankLine, blankLine.length);
    if (entity.kind() == Entity.Kind.LEAF) {
      leaf++;
      lineLength = 0;
    }
  }

  @Override
  public void body(Entity entity, byte[] octets, int length) {
    if (mayBeBinary && !binaryLeaves.get(leaf) && !isPieceOfLine(octets, length)) {
      binaryLeaves.set(leaf);
      changing(entity);
      if (!entity.isPlain()) {
        found("one of its parts is not encoded as it says");
      }
    }
    if (!eightBitLeaves.get(leaf) && note(octets, length)) {
      eightBitLeaves.set(leaf);
      changing(entity);
    }
  }

  private void changing(Entity entity) {
    frozen(entity.isFrozen());
    if (entity.isUnencodable()) {
      found(entity.mediaType().startsWith("multipart/")
          ? "its structure cannot be read"
          : "it contains a part of type " + entity.mediaType());
    }
    if (!KNOWN.contains(entity.encoding())) {
      found("one of its parts has an unknown encoding");
    }
  }

  @Override
  public void bodyEnd(Entity entity) {}

  @Override
  public void between(boolean frozen, byte[] octets, int length) {
    requireLines(octets, length);
    if (note(octets, length)) {
      frozen(frozen);
    }
  }

  /** Whether a piece of a body fits into a line, with what came before it; a line end comes as a piece of its own. */
  private boolean isPieceOfLine(byte[] octets, int length) {
    if (length == 2 && octets[0] == '\r' && octets[1] == '\n') {
      lineLength = 0;
      return true;
    }
    lineLength += length;
    return lineLength <= MAX_LINE && !hasControl(octets, length);
  }

  /** What no encoding can carry must be lines, such as those of a folded field. */
  private void requireLines(byte[] octets, int length) {
    for (int i = 0; mayBeBinary && i < length; i++) {
      boolean isLineEnd = octets[i] == '\r' && i + 1 < length && octets[i + 1] == '\n';
      if (isLineEnd) {
        i++;
      } else if (isControl(octets[i])) {
        found("its structure is not made of lines");
      }
    }
  }

  private static boolean hasControl(byte[] octets, int length) {
    for (int i = 0; i < length; i++) {
      if (isControl(octets[i])) {
        return true;
      }
    }
    return false;
  }

  private static boolean isControl(byte octet) {
    return octet == '\r' || octet == '\n' || octet == 0;
  }

  private boolean note(byte[] octets, int length) {
    for (int i = 0; i < length; i++) {
      if (octets[i] < 0) {
        eightBit = true;
        return true;
      }
    }
    return false;
  }

  private void frozen(boolean frozen) {
    if (frozen) {
      found("it is signed or encrypted, and would be broken by that");
    }
  }

  private void found(String why) {
    problem = problem.or(() -> Optional.of(why));
  }
}
