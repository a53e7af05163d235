package org.posthorn.smtp;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * IP addresses as text, in the forms that RFC 5321 §4.1.3 allows and no others: the JDK also takes {@code 127.1},
 * zones and octal.
 */
final class IpText {
  private static final int GROUPS = 8;

  private IpText() {}

  /** Returns {@code address} without a zone; IPv6 in the one form of RFC 5952 §4. */
  static String of(InetAddress address) {
    return address instanceof Inet6Address ? ipv6(address.getAddress()) : address.getHostAddress();
  }

  /** Reads four decimal numbers up to 255, with dots between them and no leading zeros. */
  static Optional<InetAddress> parseIpv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    var octets = new byte[4];
    for (int i = 0; i < 4; i++) {
      String part = parts[i];
      boolean isNumber = !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(c -> Ascii.isDigit((char) c))
          && (part.length() == 1 || part.charAt(0) != '0'); // 010 is 8 to some readers and 10 to others
      if (!isNumber || Integer.parseInt(part) > 255) {
        return Optional.empty();
      }
      octets[i] = (byte) Integer.parseInt(part);
    }
    return address(octets);
  }

  /** Reads IPv6-full, IPv6-comp, IPv6v4-full or IPv6v4-comp. */
  static Optional<InetAddress> parseIpv6(String text) {
    int gap = text.indexOf("::");
    List<Integer> head = new ArrayList<>();
    List<Integer> tail = new ArrayList<>();
    if (gap < 0) {
      return groups(text, tail) && tail.size() == GROUPS ? address(join(head, tail)) : Optional.empty();
    }
    String before = text.substring(0, gap);
    String after = text.substring(gap + 2);
    boolean isRead = (before.isEmpty() || (!before.contains(".") && groups(before, head)))
        && (after.isEmpty() || groups(after, tail));
    // "::" stands for at least two groups here (RFC 5321 §4.1.3, IPv6-comp).
    return isRead && head.size() + tail.size() <= GROUPS - 2 ? address(join(head, tail)) : Optional.empty();
  }

  /** Reads groups of 16 bits separated by colons, the last two perhaps as an IPv4 address. */
  private static boolean groups(String text, List<Integer> groups) {
    String[] parts = text.split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      if (i == parts.length - 1 && part.contains(".")) {
        Optional<InetAddress> ipv4 = parseIpv4(part);
        ipv4.map(InetAddress::getAddress).ifPresent(o -> {
          groups.add((o[0] & 0xff) << 8 | (o[1] & 0xff));
          groups.add((o[2] & 0xff) << 8 | (o[3] & 0xff));
        });
        return ipv4.isPresent();
      }
      if (part.isEmpty() || part.length() > 4 || !part.chars().allMatch(c -> c < 128 && Character.digit(c, 16) >= 0)) {
        return false;
      }
      groups.add(Integer.parseInt(part, 16));
    }
    return true;
  }

  private static byte[] join(List<Integer> head, List<Integer> tail) {
    var octets = new byte[2 * GROUPS];
    for (int i = 0; i < head.size(); i++) {
      put(octets, i, head.get(i));
    }
    for (int i = 0; i < tail.size(); i++) {
      put(octets, GROUPS - tail.size() + i, tail.get(i));
    }
    return octets;
  }

  private static void put(byte[] octets, int group, int value) {
    octets[2 * group] = (byte) (value >> 8);
    octets[2 * group + 1] = (byte) value;
  }

  private static Optional<InetAddress> address(byte[] octets) {
    try {
      return Optional.of(InetAddress.getByAddress(octets));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // only for a wrong length
    }
  }

  private static String ipv6(byte[] octets) {
    int gapStart = -1;
    int gapLength = 1; // a single zero group is not shortened (RFC 5952 §4.2.2)
    for (int i = 0; i < GROUPS; i++) {
      int run = zeroGroups(octets, i);
      if (run > gapLength) {
        gapStart = i;
        gapLength = run;
      }
    }
    var text = new StringBuilder(39);
    for (int i = 0; i < GROUPS; i++) {
      if (i == gapStart) {
        text.append("::");
        i += gapLength - 1;
      } else {
        text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
            .append(Integer.toHexString(group(octets, i)));
      }
    }
    return text.toString();
  }

  private static int zeroGroups(byte[] octets, int from) {
    int run = 0;
    while (from + run < GROUPS && group(octets, from + run) == 0) {
      run++;
    }
    return run;
  }

  private static int group(byte[] octets, int i) {
    return (octets[2 * i] & 0xff) << 8 | (octets[2 * i + 1] & 0xff);
  }
}
