package org.posthorn.daemon.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.posthorn.smtp.Domain;

/**
 * All settings, checked. One component for each section of the file, hence so many.
 *
 * @param hostname our name in the greeting, EHLO and {@code Received:}
 * @param dataDirectory holds spool, index and admin socket
 */
public record Configuration(Domain hostname, Path dataDirectory, List<Listener> listeners, Relay relay, Local local,
    Limits limits, Smtp smtp, Dns dns, List<Route> routes, Delivery delivery, Retry retry, Bounce bounce, Queue queue,
    Log log, Admin admin) {
  public Configuration {
    listeners = List.copyOf(listeners);
    routes = List.copyOf(routes);
  }

  /** What a listener takes mail for. */
  public enum ListenerKind {
    /** From anybody, for our domains; from trusted networks for anyone. */
    MX
  }

  /** Addresses to listen on; port 0 takes any free one. */
  public record Listener(List<InetSocketAddress> addresses, ListenerKind kind) {
    public Listener {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * Who may send where.
   *
   * @param trustedNetworks whose clients may send to anyone
   * @param domains that anyone may send to, though their mail goes on to another server
   */
  public record Relay(List<Network> trustedNetworks, Set<Domain> domains) {
    public Relay {
      trustedNetworks = List.copyOf(trustedNetworks);
      domains = Set.copyOf(domains);
    }
  }

  /** How a mailbox is kept. */
  public enum MailboxFormat {
    /** A directory with a file for each message. */
    MAILDIR,
    /** One file for all messages (mboxrd). */
    MBOX
  }

  /**
   * Mailboxes here.
   *
   * @param domains whose mail is delivered here
   * @param users local parts that have a mailbox in each of the domains, those of the users file included, lower case
   * @param format how mailboxes are kept
   * @param mailboxes where a mailbox is, with {@code {domain}} and {@code {user}}; absolute
   * @param aliasesFile aliases in the syntax of sendmail and Postfix
   * @param recipientDelimiter what divides {@code user+tag}; one character
   * @param postmaster who gets mail for postmaster: a local user or an address
   */
  public record Local(Set<Domain> domains, Set<String> users, MailboxFormat format, String mailboxes,
      Optional<Path> aliasesFile, Optional<Character> recipientDelimiter, String postmaster) {
    public Local {
      domains = Set.copyOf(domains);
      users = Set.copyOf(users);
    }
  }

  /**
   * Bounds of what a client may do.
   *
   * @param connections at once, from everyone
   * @param connectionsPerClient at once, from one address outside the trusted networks
   * @param recipients of one message
   * @param messageBytes size of one message
   * @param errors replies 5yz in one session before it is closed
   * @param hops {@code Received:} fields before a message counts as looping
   * @param idle timeouts and rates
   * @param lines lengths of lines
   */
  public record Limits(int connections, int connectionsPerClient, int recipients, long messageBytes, int errors,
      int hops, Pace idle, LineLengths lines) {}

  /**
   * How slow a client may be.
   *
   * @param command until the next command arrives
   * @param data until the next piece of a message arrives
   * @param minBytesPerSecond average rate of a message's data
   */
  public record Pace(Duration command, Duration data, long minBytesPerSecond) {}

  /** Longest lines in octets, CRLF included: of a command, and within a message. */
  public record LineLengths(int command, int data) {}

  /**
   * Behaviour at the door.
   *
   * @param vrfy whether VRFY tells who has a mailbox
   * @param expn whether EXPN tells trusted clients where an alias leads
   * @param greetingDelay how long the greeting waits; who talks before it is refused; zero for none
   * @param reverseLookup whether the client's name is looked up for {@code Received:}
   */
  public record Smtp(boolean vrfy, boolean expn, Duration greetingDelay, boolean reverseLookup) {}

  /**
   * The resolver.
   *
   * @param servers to ask; empty for those of the machine
   * @param timeout of one question to one server
   * @param attempts how often all servers are asked
   * @param cacheEntries how many answers are kept
   */
  public record Dns(List<InetSocketAddress> servers, Duration timeout, int attempts, int cacheEntries) {
    public Dns {
      servers = List.copyOf(servers);
    }
  }

  /**
   * Where mail for some domains goes instead of to their MX.
   *
   * @param domain a name, {@code .suffix}, or {@code *}
   * @param via {@code smtp://host:port}, {@code mx:host}, {@code lmtp://host:port} or {@code lmtp:/socket}
   */
  public record Route(String domain, String via) {}

  /**
   * How mail is sent on.
   *
   * @param port of mail hosts found by MX
   * @param sourceAddress where connections come from, if it matters
   */
  public record Delivery(int port, Optional<InetAddress> sourceAddress, ClientTimeouts timeouts,
      Concurrency concurrency,
      int messagesPerConnection, Duration idle) {}

  /** How long to wait for a remote server at each step (RFC 5321 §4.5.3.2). */
  public record ClientTimeouts(Duration connect, Duration greeting, Duration command, Duration data,
      Duration dataBlock, Duration dataEnd) {}

  /** How many connections at once: in total, to one destination at first, to one destination at most. */
  public record Concurrency(int total, int start, int max) {}

  /**
   * When to try again.
   *
   * @param first delay, which doubles
   * @param longest delay
   * @param lifetime after which mail bounces
   * @param nullSenderLifetime the same for mail from {@code <>}
   * @param delayReport when the sender is told that it takes long; zero for never
   */
  public record Retry(Duration first, Duration longest, Duration lifetime, Duration nullSenderLifetime,
      Duration delayReport) {}

  /** What to do with a bounce that cannot be delivered. */
  public enum DoubleBounce {
    /** Log it and drop it. */
    DROP,
    /** Send it to postmaster. */
    POSTMASTER
  }

  /** Bounces: how much of a message they return at most, and what becomes of those that fail. */
  public record Bounce(long returnBytes, DoubleBounce doubleBounce) {}

  /**
   * The queue.
   *
   * @param freeSpaceFloor of the data directory's disk, in bytes; below it no mail is accepted
   * @param readyPerDestination recipients of one destination that wait in memory rather than in the index
   * @param ready recipients of all destinations that wait in memory
   */
  public record Queue(long freeSpaceFloor, int readyPerDestination, int ready) {}

  /** How a log line looks. */
  public enum LogFormat {
    /** {@code key=value}, for people and grep. */
    TEXT,
    /** One JSON object a line. */
    JSON
  }

  /** What is logged. */
  public enum LogLevel {
    /** What the operator must act on. */
    ERROR,
    /** And what is odd. */
    WARN,
    /** And the life of every message. */
    INFO,
    /** And every dialogue. */
    DEBUG
  }

  /** The log: how, where to (standard output without a file), and how much. */
  public record Log(LogFormat format, Optional<Path> file, LogLevel level) {}

  /** The admin endpoint: its Unix socket, and where metrics are served by TCP, if anywhere. */
  public record Admin(Path socket, Optional<InetSocketAddress> metricsAddress) {}
}
