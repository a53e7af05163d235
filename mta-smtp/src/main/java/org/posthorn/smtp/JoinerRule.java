package org.posthorn.smtp;

/** Where the invisible joiners may stand (RFC 5892 appendix A.1, A.2): elsewhere two names would look the same. */
final class JoinerRule {
  private static final int NON_JOINER = 0x200c;
  private static final int JOINER = 0x200d;

  private JoinerRule() {}

  static boolean holds(int[] label) {
    for (int i = 0; i < label.length; i++) {
      boolean isRight = switch (label[i]) {
        case NON_JOINER -> followsVirama(label, i) || (joinsBefore(label, i) && joinsAfter(label, i));
        case JOINER -> followsVirama(label, i);
        default -> true;
      };
      if (!isRight) {
        return false;
      }
    }
    return true;
  }

  private static boolean followsVirama(int[] label, int at) {
    return at > 0 && IdnaTable.joining(label[at - 1]) == IdnaTable.Joining.VIRAMA;
  }

  private static boolean joinsBefore(int[] label, int at) {
    int i = at - 1;
    while (i >= 0 && isTransparent(label[i])) {
      i--;
    }
    return i >= 0 && (IdnaTable.joining(label[i]) == IdnaTable.Joining.LEFT
        || IdnaTable.joining(label[i]) == IdnaTable.Joining.DUAL);
  }

  private static boolean joinsAfter(int[] label, int at) {
    int i = at + 1;
    while (i < label.length && isTransparent(label[i])) {
      i++;
    }
    return i < label.length && (IdnaTable.joining(label[i]) == IdnaTable.Joining.RIGHT
        || IdnaTable.joining(label[i]) == IdnaTable.Joining.DUAL);
  }

  /** A virama is transparent to joining too, unless it takes space. */
  private static boolean isTransparent(int c) {
    return switch (IdnaTable.joining(c)) {
      case TRANSPARENT -> true;
      case VIRAMA -> Character.getType(c) == Character.NON_SPACING_MARK;
      case NONE, LEFT, RIGHT, DUAL -> false;
    };
  }
}
