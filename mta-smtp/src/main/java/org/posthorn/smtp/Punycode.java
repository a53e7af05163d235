package org.posthorn.smtp;

import java.util.Optional;

/** The encoding of Unicode labels in letters, digits and hyphens (RFC 3492), without the {@code xn--} in front. */
final class Punycode {
  private static final int BASE = 36; // RFC 3492 §5
  private static final int T_MIN = 1;
  private static final int T_MAX = 26;
  private static final int SKEW = 38;
  private static final int DAMP = 700;
  private static final int INITIAL_BIAS = 72;
  private static final int INITIAL_N = 128;

  /** No label has more, so no arithmetic below can overflow. */
  private static final int MAX_CODE_POINTS = 63;

  private Punycode() {}

  /** Encodes {@code label}; empty when it is longer than any label. */
  static Optional<String> encode(String label) {
    int[] input = label.codePoints().toArray();
    if (input.length > MAX_CODE_POINTS) {
      return Optional.empty();
    }
    var output = new StringBuilder();
    for (int c : input) {
      if (c < INITIAL_N) {
        output.append((char) c);
      }
    }
    int basic = output.length();
    if (basic > 0) {
      output.append('-');
    }
    int n = INITIAL_N;
    int delta = 0;
    int bias = INITIAL_BIAS;
    for (int handled = basic; handled < input.length; delta++, n++) {
      int next = smallestFrom(input, n);
      delta += (next - n) * (handled + 1);
      n = next;
      for (int c : input) {
        if (c < n) {
          delta++;
        } else if (c == n) {
          appendNumber(output, delta, bias);
          bias = adapt(delta, handled + 1, handled == basic);
          delta = 0;
          handled++;
        }
      }
    }
    return Optional.of(output.toString());
  }

  /** Decodes {@code encoded}, in lower case; empty when it is not Punycode. */
  static Optional<String> decode(String encoded) {
    if (encoded.length() > MAX_CODE_POINTS || !Ascii.isAscii(encoded)) {
      return Optional.empty();
    }
    int hyphen = encoded.lastIndexOf('-');
    var output = new StringBuilder(hyphen < 0 ? "" : encoded.substring(0, hyphen));
    int count = output.length(); // in code points
    int n = INITIAL_N;
    int bias = INITIAL_BIAS;
    long i = 0;
    int at = hyphen + 1;
    while (at < encoded.length()) {
      long before = i;
      long weight = 1;
      for (int k = BASE;; k += BASE) {
        int digit = at < encoded.length() ? digit(encoded.charAt(at++)) : -1;
        i += digit * weight;
        if (digit < 0 || i > Integer.MAX_VALUE) {
          return Optional.empty();
        }
        int threshold = threshold(k, bias);
        if (digit < threshold) {
          break;
        }
        weight *= BASE - threshold;
        if (weight > Integer.MAX_VALUE) {
          return Optional.empty();
        }
      }
      count++;
      bias = adapt((int) (i - before), count, before == 0);
      n = (int) Math.min(n + i / count, Integer.MAX_VALUE);
      i %= count;
      if (!Character.isValidCodePoint(n) || (n >= Character.MIN_SURROGATE && n <= Character.MAX_SURROGATE)) {
        return Optional.empty();
      }
      output.insert(output.offsetByCodePoints(0, (int) i), Character.toString(n));
      i++;
    }
    return Optional.of(output.toString());
  }

  private static int smallestFrom(int[] input, int n) {
    int smallest = Integer.MAX_VALUE;
    for (int c : input) {
      if (c >= n && c < smallest) {
        smallest = c;
      }
    }
    return smallest;
  }

  /** Appends a variable-length integer (RFC 3492 §3.3). */
  private static void appendNumber(StringBuilder output, int number, int bias) {
    int rest = number;
    for (int k = BASE;; k += BASE) {
      int threshold = threshold(k, bias);
      if (rest < threshold) {
        output.append(digit(rest));
        return;
      }
      output.append(digit(threshold + (rest - threshold) % (BASE - threshold)));
      rest = (rest - threshold) / (BASE - threshold);
    }
  }

  private static int threshold(int k, int bias) {
    return Math.clamp((long) k - bias, T_MIN, T_MAX);
  }

  private static int adapt(int delta, int count, boolean isFirst) {
    int rest = isFirst ? delta / DAMP : delta / 2;
    rest += rest / count;
    int k = 0;
    while (rest > (BASE - T_MIN) * T_MAX / 2) {
      rest /= BASE - T_MIN;
      k += BASE;
    }
    return k + (BASE - T_MIN + 1) * rest / (rest + SKEW);
  }

  private static char digit(int value) {
    return (char) (value < 26 ? 'a' + value : '0' + value - 26);
  }

  private static int digit(char c) {
    if (Ascii.isDigit(c)) {
      return c - '0' + 26;
    }
    return c >= 'a' && c <= 'z' ? c - 'a' : -1;
  }
}
