package org.posthorn.smtp;

import java.util.List;

/** The bidi rule for names that have a label written from right to left (RFC 5893 §2). */
final class BidiRule {
  private BidiRule() {}

  static boolean holds(List<String> labels) {
    boolean isBidi = labels.stream()
        .flatMapToInt(String::codePoints)
        .anyMatch(c -> isRightToLeft(Character.getDirectionality(c))
            || Character.getDirectionality(c) == Character.DIRECTIONALITY_ARABIC_NUMBER);
    return !isBidi || labels.stream().allMatch(BidiRule::holds);
  }

  private static boolean holds(String label) {
    int[] points = label.codePoints().toArray();
    if (points.length == 0) {
      return true;
    }
    byte first = Character.getDirectionality(points[0]);
    return first == Character.DIRECTIONALITY_LEFT_TO_RIGHT
        ? isLeftToRightLabel(points)
        : isRightToLeft(first) && isRightToLeftLabel(points);
  }

  /** Conditions 2, 3 and 4. */
  private static boolean isRightToLeftLabel(int[] points) {
    boolean european = false;
    boolean arabic = false;
    for (int c : points) {
      byte direction = Character.getDirectionality(c);
      european |= direction == Character.DIRECTIONALITY_EUROPEAN_NUMBER;
      arabic |= direction == Character.DIRECTIONALITY_ARABIC_NUMBER;
      if (!isRightToLeft(direction) && direction != Character.DIRECTIONALITY_ARABIC_NUMBER && !isAnywhere(direction)) {
        return false;
      }
    }
    byte last = lastDirection(points);
    boolean endsRight = isRightToLeft(last) || last == Character.DIRECTIONALITY_EUROPEAN_NUMBER
        || last == Character.DIRECTIONALITY_ARABIC_NUMBER;
    return endsRight && !(european && arabic);
  }

  /** Conditions 5 and 6. */
  private static boolean isLeftToRightLabel(int[] points) {
    for (int c : points) {
      byte direction = Character.getDirectionality(c);
      if (direction != Character.DIRECTIONALITY_LEFT_TO_RIGHT && !isAnywhere(direction)) {
        return false;
      }
    }
    byte last = lastDirection(points);
    return last == Character.DIRECTIONALITY_LEFT_TO_RIGHT || last == Character.DIRECTIONALITY_EUROPEAN_NUMBER;
  }

  private static byte lastDirection(int[] points) {
    int i = points.length - 1;
    while (i > 0 && Character.getDirectionality(points[i]) == Character.DIRECTIONALITY_NONSPACING_MARK) {
      i--;
    }
    return Character.getDirectionality(points[i]);
  }

  private static boolean isRightToLeft(byte direction) {
    return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
        || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
  }

  private static boolean isAnywhere(byte direction) {
    return switch (direction) {
      case Character.DIRECTIONALITY_EUROPEAN_NUMBER, Character.DIRECTIONALITY_EUROPEAN_NUMBER_SEPARATOR,
          Character.DIRECTIONALITY_EUROPEAN_NUMBER_TERMINATOR, Character.DIRECTIONALITY_COMMON_NUMBER_SEPARATOR,
          Character.DIRECTIONALITY_OTHER_NEUTRALS, Character.DIRECTIONALITY_BOUNDARY_NEUTRAL,
          Character.DIRECTIONALITY_NONSPACING_MARK ->
        true;
      default -> false;
    };
  }
}
