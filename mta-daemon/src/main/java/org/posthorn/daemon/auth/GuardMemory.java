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
  record Trouble(int failures, Instant last, Instant bannedUntil, int bans) {}

  /** A login and a network that it has come from. */
  record Home(String login, String network) {}

  private static final int MAX_TROUBLES = 50_000;
  private static final int MAX_HOMES = 50_000;
  private static final Duration HOME_IS_NEWS_AFTER = Duration.ofDays(1);

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
