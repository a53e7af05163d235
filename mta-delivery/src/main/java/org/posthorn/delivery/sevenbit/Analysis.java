package org.posthorn.delivery.sevenbit;

import java.util.BitSet;
import java.util.Optional;
import java.util.Set;

/** Finds out what has to be converted, and whether it can be. */
final class Analysis implements MimeEvents {
  private static final Set<String> KNOWN = Set.of("7bit", "8bit", "binary", "quoted-printable", "base64");

  private final BitSet eightBitLeaves = new BitSet();
  private int leaf = -1;
  private boolean eightBit;
  private Optional<String> problem = Optional.empty();

  /** Whether any octet is above 127. */
  boolean isEightBit() {
    return eightBit;
  }

  /** Returns why the message cannot be converted, if so. */
  Optional<String> problem() {
    return problem;
  }

  /** Whether the leaf with this number, counted from 0, has octets above 127. */
  boolean isEightBit(int number) {
    return eightBitLeaves.get(number);
  }

  @Override
  public void field(Entity entity, byte[] octets, int length, boolean begins) {
    if (note(octets, length)) {
      frozen(entity.isFrozen());
    }
  }

  @Override
  public void headerEnd(Entity entity, byte[] blankLine) {
    if (!entity.hasCleanBoundary()) {
      found("its structure cannot be read");
    }
    if (entity.kind() == Entity.Kind.LEAF) {
      leaf++;
    }
  }

  @Override
  public void body(Entity entity, byte[] octets, int length) {
    if (eightBitLeaves.get(leaf) || !note(octets, length)) {
      return;
    }
    eightBitLeaves.set(leaf);
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
    if (note(octets, length)) {
      frozen(frozen);
    }
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
