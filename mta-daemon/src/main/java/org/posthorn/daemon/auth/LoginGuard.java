package org.posthorn.daemon.auth;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slows down who guesses passwords: replies to failures are held back longer and longer, and then a client network, or a
 * user as seen from networks that it never came from, is banned for a while. Each further ban is twice as long, and half as
 * long again for each longest ban that passes without a failure. It is kept in a file over restarts. Safe for use by many
 * threads.
 */
public final class LoginGuard implements AutoCloseable {
  /** A ban as an operator sees it; {@code what} is a network or a login. */
  public record Ban(String what, Instant until) {}

  private static final Logger log = LoggerFactory.getLogger(LoginGuard.class);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);
  private static final Duration WRITE_INTERVAL = Duration.ofSeconds(5);

  private final GuardFile file;
  private final Supplier<GuardSettings> settings;
  private final InstantSource clock;
  private final GuardMemory memory;
  private Instant written = Instant.EPOCH;
  private boolean changed;

  /** Goes on with what {@code file} holds, which need not be there; asks for the settings in force each time. */
  public LoginGuard(Path file, Supplier<GuardSettings> settings, InstantSource clock) {
    this.file = new GuardFile(file);
    this.settings = settings;
    this.clock = clock;
    this.memory = new GuardMemory(this.file.read());
  }

  /** Returns the place of one client, which is exempt from bans of its network when it is trusted. */
  public Seat seat(InetAddress client, boolean trusted) {
    return new Seat(client, trusted);
  }

  /** Returns all bans in force. */
  public synchronized List<Ban> bans() {
    var now = clock.instant();
    var bans = new ArrayList<Ban>();
    memory.troubles().forEach((key, trouble) -> {
      if (trouble.isBanned(now)) {
        bans.add(new Ban(key.name(), trouble.bannedUntil()));
      }
    });
    return bans;
  }

  /** Forgets the failures of a network or login; returns whether there were any. */
  public synchronized boolean release(String what) {
    boolean isKnown = memory.forget(what);
    if (isKnown) {
      log.atInfo().addKeyValue("who", what).log("ban released");
      write();
    }
    return isKnown;
  }

  /** Writes what is not written yet. */
  @Override
  public synchronized void close() {
    if (changed) {
      write();
    }
  }

  /** What one client may still try. */
  public final class Seat {
    private final InetAddress client;
    private final String network;
    private final boolean trusted;

    private Seat(InetAddress client, boolean trusted) {
      this.client = client;
      this.network = ClientNetwork.of(client);
      this.trusted = trusted;
    }

    /** Returns where the client is. */
    InetAddress client() {
      return client;
    }

    /** Whether nobody may log in from here now. */
    public boolean isBanned() {
      synchronized (LoginGuard.this) {
        return !trusted && isBanned(GuardMemory.Key.network(network));
      }
    }

    /** Whether this login, known or not, cannot be tried from here now. */
    public boolean isBanned(String login) {
      synchronized (LoginGuard.this) {
        return isBanned(GuardMemory.Key.login(login)) && !memory.isAtHome(login, network);
      }
    }

    /** Notes a failure, with an empty login when the client named none, and returns how long to hold back the reply. */
    public Duration failed(String login) {
      synchronized (LoginGuard.this) {
        var now = clock.instant();
        var rules = settings.get();
        int failures = note(GuardMemory.Key.network(network), trusted ? Integer.MAX_VALUE : rules.failuresPerClient(),
            now);
        if (!login.isEmpty() && !memory.isAtHome(login, network)) {
          note(GuardMemory.Key.login(login), rules.failuresPerUser(), now);
        }
        writeSoon(now);
        return delay(rules, failures);
      }
    }

    /** Notes that {@code login} has logged in from here. */
    public void succeeded(String login) {
      synchronized (LoginGuard.this) {
        var now = clock.instant();
        if (memory.noteHome(login, network, now)) {
          writeSoon(now);
        }
      }
    }

    private boolean isBanned(GuardMemory.Key key) {
      return memory.find(key).filter(trouble -> trouble.isBanned(clock.instant())).isPresent();
    }
  }

  private int note(GuardMemory.Key key, int allowed, Instant now) {
    var rules = settings.get();
    Optional<GuardMemory.Trouble> before = memory.find(key);
    int failures = before.map(trouble -> trouble.failures(rules, now)).orElse(0) + 1;
    int bans = before.map(trouble -> trouble.bans(rules, now)).orElse(0);
    boolean bansNow = failures >= allowed;
    Instant until = bansNow ? now.plus(length(rules, bans)) : before.map(GuardMemory.Trouble::bannedUntil).orElse(now);
    memory.put(key, new GuardMemory.Trouble(bansNow ? 0 : failures, now, until, bansNow ? bans + 1 : bans));
    if (bansNow) {
      log.atWarn()
          .addKeyValue("who", key.name())
          .addKeyValue("failures", failures)
          .addKeyValue("until", until)
          .log("banned after failed logins");
      written = Instant.EPOCH; // a ban is worth writing at once
    }
    return failures;
  }

  private static Duration length(GuardSettings rules, int bans) {
    var length = rules.ban().multipliedBy(1L << Math.min(bans, 20));
    return length.compareTo(rules.longestBan()) < 0 ? length : rules.longestBan();
  }

  private static Duration delay(GuardSettings rules, int failures) {
    var delay = rules.delay().multipliedBy(1L << Math.min(failures - 1, 10));
    return delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
  }

  private void writeSoon(Instant now) {
    changed = true;
    if (written.plus(WRITE_INTERVAL).isBefore(now)) {
      written = now;
      write();
    }
  }

  private void write() {
    try {
      memory.forgetOld(settings.get(), clock.instant());
      file.write(memory);
      changed = false;
    } catch (IOException e) {
      log.atError().setCause(e).log("cannot write down failed logins; a restart would forget them");
    }
  }
}
