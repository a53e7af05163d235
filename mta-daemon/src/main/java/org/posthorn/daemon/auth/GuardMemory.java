package org.posthorn.daemon.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the guard remembers, bounded: who has not been heard of for longest is forgotten first. Used under its lock. */
final class GuardMemory {
  /** A network or a login. */
  record Key(boolean isNetwork, String name) {
    static Key network(String name) {
      return new Key(true, name);
    }

    static Key login(String name) {
      return new Key(false, name);
    }
  }

  /** What failed: how often since the last ban, when last, until when it is banned, and how many bans there were. */
  record Trouble(int failures, Instant last, Instant bannedUntil, int bans) {
    boolean isBanned(Instant now) {
      return bannedUntil.isAfter(now);
    }

    /** Returns how many of the failures still count. */
    int failures(GuardSettings rules, Instant now) {
      return last.plus(rules.memory()).isAfter(now) ? failures : 0;
    }

    /** Returns how many of the bans still count: one less for each longest ban in which nothing failed. */
    int bans(GuardSettings rules, Instant now) {
      var since = bannedUntil.isAfter(last) ? bannedUntil : last;
      long quiet = Math.max(0, Duration.between(since, now).dividedBy(rules.longestBan()));
      return (int) Math.max(0, bans - quiet);
    }

    /** Whether nothing of it matters any more. */
    boolean isOver(GuardSettings rules, Instant now) {
      return !isBanned(now) && failures(rules, now) == 0 && bans(rules, now) == 0;
    }
  }

  /** A login and a network that it has come from. */
  record Home(String login, String network) {}

  private static final int MAX_TROUBLES = 50_000;
  private static final int MAX_HOMES = 50_000;
  private static final Duration HOME_IS_NEWS_AFTER = Duration.ofDays(1);
  private static final Duration HOME_IS_LEFT_AFTER = Duration.ofDays(365);

  private final Map<Key, Trouble> troubles = new Bounded<>(MAX_TROUBLES);
  private final Map<Home, Instant> homes = new Bounded<>(MAX_HOMES);

  GuardMemory(GuardFile.Content content) {
    troubles.putAll(content.troubles());
    homes.putAll(content.homes());
  }

  Optional<Trouble> find(Key key) {
    return Optional.ofNullable(troubles.get(key));
  }

  void put(Key key, Trouble trouble) {
    troubles.put(key, trouble);
  }

  /** Forgets what does not matter any more. */
  void forgetOld(GuardSettings rules, Instant now) {
    troubles.values().removeIf(trouble -> trouble.isOver(rules, now));
    homes.values().removeIf(last -> last.plus(HOME_IS_LEFT_AFTER).isBefore(now));
  }

  /** Forgets the failures of whatever has this name. */
  boolean forget(String name) {
    return troubles.keySet().removeIf(key -> key.name().equals(name));
  }

  /** Whether {@code login} has come from {@code network} before. */
  boolean isAtHome(String login, String network) {
    return homes.containsKey(new Home(login, network));
  }

  /** Notes that it has now; returns whether that is worth writing down. */
  boolean noteHome(String login, String network, Instant now) {
    var before = homes.put(new Home(login, network), now);
    return before == null || before.plus(HOME_IS_NEWS_AFTER).isBefore(now);
  }

  Map<Key, Trouble> troubles() {
    return troubles;
  }

  Map<Home, Instant> homes() {
    return homes;
  }

  /** Keeps what was looked at last. */
  private static final class Bounded<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    private final int max;

    Bounded(int max) {
      super(16, 0.75f, true);
      this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > max;
    }
  }
}
