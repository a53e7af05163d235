package org.posthorn.delivery;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * How long to wait for a remote server at each step of a delivery. Defaults: RFC 5321 §4.5.3.2.
 *
 * @param connect for a connection to one address; default 30 s
 * @param greeting for the server to speak first; default 5 min
 * @param command for the reply to EHLO, MAIL, RCPT and RSET; default 5 min
 * @param dataStart for the reply to DATA; default 2 min
 * @param dataBlock for the server to take one block of the message; default 3 min
 * @param dataEnd for the reply to the final dot; default 10 min; if too short, mail arrives twice
 * @param quit for the reply to QUIT, which nothing depends on; default 10 s
 */
public record ClientTimeouts(Duration connect, Duration greeting, Duration command, Duration dataStart,
    Duration dataBlock, Duration dataEnd, Duration quit) {
  /** What RFC 5321 §4.5.3.2 asks for. */
  public static final ClientTimeouts DEFAULT = new ClientTimeouts(Duration.ofSeconds(30), Duration.ofMinutes(5),
      Duration.ofMinutes(5), Duration.ofMinutes(2), Duration.ofMinutes(3), Duration.ofMinutes(10),
      Duration.ofSeconds(10));

  public ClientTimeouts {
    requirePositive("connect", connect);
    requirePositive("greeting", greeting);
    requirePositive("command", command);
    requirePositive("data-start", dataStart);
    requirePositive("data-block", dataBlock);
    requirePositive("data-end", dataEnd);
    requirePositive("quit", quit);
  }

  /** Returns the same limit for every step. */
  public static ClientTimeouts all(Duration limit) {
    return new ClientTimeouts(limit, limit, limit, limit, limit, limit, limit);
  }

  /** Returns the shortest of them. */
  Duration shortest() {
    return Stream.of(connect, greeting, command, dataStart, dataBlock, dataEnd, quit)
        .reduce((a, b) -> a.compareTo(b) < 0 ? a : b)
        .orElseThrow();
  }

  private static void requirePositive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("the timeout " + name + " must be longer than 0: " + value);
    }
  }
}
