package org.posthorn.daemon.inbound;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.Authentication;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.LoginGuard;
import org.posthorn.daemon.auth.PasswordWork;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.queue.InMemorySpool;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.QueueNode;
import org.posthorn.testkit.SettableClock;

/** Receiving mail for {@code example.org} into a spool in memory: alice, bob and some aliases. */
public final class Inbound implements WaitingMail {
  /** When everything happens. */
  public static final Instant NOW = Instant.parse("2026-11-22T07:30:00Z");

  private static final String ALIASES = """
                                        postmaster: alice
                                        team: alice, bob, carol@elsewhere.example
                                        forward: dave@elsewhere.example
                                        """;

  public final InMemorySpool spool = new InMemorySpool();
  public final List<QueuedMessage> accepted = new CopyOnWriteArrayList<>();
  public final List<Recipient> expanded = new CopyOnWriteArrayList<>();
  public final InboundCounters counters = new InboundCounters();
  public final Intake intake;
  public final SettableClock clock = new SettableClock(NOW);
  public final Authentication authentication;
  public final Quotas quotas;
  /** Where it is kept what came of messages that broke off. */
  public final Path checkpoints;
  private volatile boolean behind;
  private volatile Runnable bug = () -> {};

  /** Makes an intake that hands on to {@link #accepted}. */
  public Inbound() {
    this(scratch());
  }

  /** The same with all that is kept on the disk below {@code scratch}, as an earlier one may have left it. */
  public Inbound(Path scratch) {
    checkpoints = scratch.resolve("checkpoints");
    intake = new Intake(spool, new Remembered(), clock, counters, new Checkpoints(checkpoints, clock));
    quotas = new Quotas(scratch.resolve("limits"), clock);
    authentication = new Authentication(new PasswordWork(2, Duration.ofMinutes(1)),
        new LoginGuard(scratch.resolve("logins"), () -> GuardSettings.DEFAULT, clock), new byte[32], clock,
        new Random(1));
  }

  private static Path scratch() {
    try {
      var folder = Files.createTempDirectory("posthorn");
      folder.resolve("logins").toFile().deleteOnExit();
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Two messages wait for example.com, the index fails for broken.example, and often.example has just been started. */
  @Override
  public OptionalLong start(QueueNode node) {
    if (node.name().equals("broken.example")) {
      throw new IllegalStateException("no index");
    }
    if (node.name().equals("often.example")) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(node.includes(Domain.of("example.com")) || node.name().equals("smtp://gate:25") ? 2 : 0);
  }

  @Override
  public boolean waitsFor(Set<Domain> domains) {
    return domains.contains(Domain.of("example.com"));
  }

  @Override
  public boolean isVisited(Set<Domain> domains) {
    return domains.contains(Domain.of("visited.example"));
  }

  @Override
  public void deliver(Set<Domain> domains, Turned connection) {
    throw new AssertionError("only spoken of");
  }

  /** Says from now on that no further mail can be taken over, or no longer. */
  public void setBehind(boolean isBehind) {
    behind = isBehind;
  }

  /** Runs {@code now} from now on in whatever takes over messages. */
  void breakDown(Runnable now) {
    bug = now;
  }

  private final class Remembered implements AcceptedMail {
    @Override
    public void accept(QueuedMessage message, List<Recipient> aliases) {
      bug.run();
      accepted.add(message);
      expanded.addAll(aliases);
    }

    @Override
    public boolean isFull() {
      return behind;
    }
  }

  /** Settings with all defaults, for clients of which only 192.0.2.0/24 is trusted. */
  public static InboundSettings settings() {
    return settings(ConnectionLimits.DEFAULT, SessionSettings.DEFAULT, MessageLimits.DEFAULT);
  }

  /** Settings with these limits. */
  public static InboundSettings settings(ConnectionLimits connections, SessionSettings session, MessageLimits message) {
    return new InboundSettings(Domain.of("mx.example.org"), connections, session, message, relay(),
        AuthSettings.NONE, SubmissionSettings.DEFAULT, local(ALIASES), ExtensionSettings.DEFAULT);
  }

  /** Relay settings that trust 192.0.2.0/24 and relay for {@code relayed.example}. */
  public static RelaySettings relay() {
    return new RelaySettings(NetworkSet.of(List.of("192.0.2.0/24")), List.of(), Set.of(Domain.of("relayed.example")));
  }

  /** Local settings with these aliases. */
  public static LocalSettings local(String aliases) {
    return new LocalSettings(List.of(Domain.of("example.org"), Domain.of("example.net")),
        LocalUsers.of(List.of("alice", "bob", "Erin@example.net")), Aliases.parse(aliases, "aliases"), Optional.empty(),
        Optional.of('+'), Set.of(InetAddress.ofLiteral("192.0.2.1")));
  }
}
