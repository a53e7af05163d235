package org.posthorn.daemon.auth;

import java.time.Duration;

/**
 * How who guesses passwords is slowed down.
 *
 * @param failuresPerClient failed logins from one client network until it is banned; 1 to 10,000; default 10
 * @param failuresPerUser failed logins for one user, from networks that the user never came from, until those are
 *     banned; 1 to 10,000; default 30
 * @param memory how long after the last one failures count; default 1 h
 * @param delay how long the reply to the first failure is held back, doubled for each further one up to 10 s; default 1 s
 * @param ban how long the first ban is, doubled for each further one; default 15 min
 * @param longestBan the longest ban, and how long nothing may fail for the next ban to be half as long; default 1 d
 */
public record GuardSettings(int failuresPerClient, int failuresPerUser, Duration memory, Duration delay, Duration ban,
    Duration longestBan) {
  /** The defaults. */
  public static final GuardSettings DEFAULT = new GuardSettings(10, 30, Duration.ofHours(1), Duration.ofSeconds(1),
      Duration.ofMinutes(15), Duration.ofDays(1));
}
