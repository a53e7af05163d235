package org.posthorn.daemon.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.LoginGuard;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.Configuration.Admin;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.ConfigurationReader;
import org.posthorn.daemon.config.Environment;
import org.posthorn.daemon.config.Problem;
import org.posthorn.daemon.inbound.CheckpointFill;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.daemon.tls.CertificateState;
import org.posthorn.delivery.Router;
import org.posthorn.dns.AddressResult;
import org.posthorn.dns.MailResolver;
import org.posthorn.dns.MxResult;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.FixedDelivery;
import org.posthorn.queue.InMemoryQueueIndex;
import org.posthorn.queue.InMemorySpool;
import org.posthorn.queue.IndexWrites;
import org.posthorn.queue.Messages;
import org.posthorn.queue.Pauses;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex;
import org.posthorn.queue.QueueSettings;
import org.posthorn.queue.QueueStores;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.RecordedReports;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.testkit.SettableClock;

/** An admin endpoint before a queue on fakes that delivers nothing. Its clock says 2026-11-22T08:00:00Z. */
public final class RunningAdmin implements AutoCloseable {
  /** When its messages were queued: an hour ago. */
  public static final Instant QUEUED_AT = Instant.parse("2026-11-22T07:00:00Z");

  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-22T08:00:00Z"));
  private final InMemorySpool spool = new InMemorySpool();
  private final InMemoryQueueIndex index = new InMemoryQueueIndex();
  private final Path socket;
  private final AdminServer server;
  private final LoginGuard guard;
  private final Quotas quotas;

  private final AtomicBoolean isStopped = new AtomicBoolean();
  private final AtomicReference<Optional<Problem>> problem = new AtomicReference<>(Optional.empty());
  private final AtomicReference<List<String>> untilRestart = new AtomicReference<>(List.of());

  /** Starts it with its socket in {@code directory}; metrics are at a free port. */
  public RunningAdmin(Path directory) throws IOException {
    var reader = new ConfigurationReader(new Environment(Domain.of("mail.example.org"), "alice", Set.of(), directory));
    Configuration settings = reader.embedded();
    var stores = new QueueStores(spool, index, new DirectWrites(), Pauses.at(directory.resolve("pauses")));
    var queue = new Queue(stores, new FixedDelivery(), new RecordedReports(), () -> QueueSettings.DEFAULT, clock,
        new Random(1));
    quotas = new Quotas(directory.resolve("limits"), clock);
    guard = new LoginGuard(directory.resolve("logins"), () -> GuardSettings.DEFAULT, clock);
    var router = new Router(settings::routes, new NoDns(), settings.delivery());
    socket = directory.resolve("admin.sock");
    server = AdminServer.start(
        new Admin(socket, Optional.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))),
        new AdminRoutes(new FakeDaemon(), queue.control(), new RouteTeller(settings.inbound()::policy, () -> router),
            new Metrics(), new BanRoutes(guard), new LimitRoutes(quotas), clock));
  }

  /** Counts one message of {@code who}. */
  public void send(String who) {
    quotas.charge(who, SendingLimits.NONE, List.of(Mailbox.parse("bob@example.net").orElseThrow())).taken();
  }

  /** Lets {@code client} fail to log in so often that it is banned. */
  public void ban(String client) {
    var seat = guard.seat(InetAddress.ofLiteral(client), false);
    while (!seat.isBanned()) {
      seat.failed("");
    }
  }

  /** Queues a message that was tried once and is due in four minutes. */
  public QueueId queueDeferred(String from, String... to) {
    return queueDeferred("Subject: x\n\ny\n", Messages.envelope(from, to));
  }

  /** The same with that content, its lines ended by LF here. */
  QueueId queueDeferred(String content, Envelope envelope) {
    var message = spool.put(envelope, QUEUED_AT, content.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    var due = clock.instant().plusSeconds(240);
    index.apply(new QueueIndex.Changes(List.of(Messages.addition(message.id(), QUEUED_AT, due, message.envelope())),
        List.of(new Deferral(message.id(), new RecipientNumber(0), due, 1, "451 4.3.0 try later\r\nevil")), List.of(),
        List.of()));
    return message.id();
  }

  /** Returns where its socket is. */
  public Path socket() {
    return socket;
  }

  /** Returns its clock. */
  public SettableClock clock() {
    return clock;
  }

  InetSocketAddress metricsAddress() {
    return server.metricsAddress().orElseThrow();
  }

  /** Whether it was told to stop. */
  public boolean isStopped() {
    return isStopped.get();
  }

  /** Lets every reload leave what {@code keys} say to the next start. */
  public void leaveToTheNextStart(String... keys) {
    untilRestart.set(List.of(keys));
  }

  /** Lets every reload fail. */
  public void failReload(Problem why) {
    problem.set(Optional.of(why));
  }

  @Override
  public void close() {
    server.close();
  }

  private final class FakeDaemon implements DaemonControl {
    @Override
    public DaemonStatus status() {
      return new DaemonStatus("0.1.0", ProcessHandle.current().pid(), QUEUED_AT, DaemonStatus.State.SERVING,
          "the embedded default", "mail.example.org", List.of("127.0.0.1:2525"), "/data", 5L << 30, 3,
          new CheckpointFill(2, 4300),
          List.of(new CertificateState("/etc/mail.pem", List.of("mail.example.org"), "EC", QUEUED_AT, "00",
              List.of("expires in 3 days"))),
          List.of(new ListenerView("mx", List.of("127.0.0.1:2525"), 7, 5, 2048, 2)),
          new TrackingView(List.of("127.0.0.1:1038"), 1, 4, 0, 3, 2, 9),
          List.of(new VisitView("[192.0.2.7][192.0.2.7:4711]", List.of("odmr:branch.example"), QUEUED_AT, 12,
              Optional.of("TLSv1.3"))));
    }

    @Override
    public List<String> reload() throws ConfigException {
      if (problem.get().isPresent()) {
        throw new ConfigException(List.of(problem.get().get()));
      }
      return untilRestart.get();
    }

    @Override
    public void stop() {
      isStopped.set(true);
    }
  }

  private final class DirectWrites implements IndexWrites {
    @Override
    public void write(QueueIndex.Changes changes, Runnable applied) {
      index.apply(changes);
      applied.run();
    }

    @Override
    public void flush() {
      // nothing is held back
    }

    @Override
    public long backlog() {
      return 0;
    }

    @Override
    public void awaitBacklog(long changes, Duration longest) {
      // nothing is held back
    }
  }

  private static final class NoDns implements MailResolver {
    @Override
    public MxResult mailHosts(Domain domain) {
      return new MxResult.Unavailable("no DNS here");
    }

    @Override
    public AddressResult addresses(Domain host) {
      return new AddressResult.Unavailable("no DNS here");
    }

    @Override
    public Optional<Domain> confirmedName(InetAddress address) {
      return Optional.empty();
    }
  }
}
