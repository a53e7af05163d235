package org.posthorn.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.posthorn.daemon.admin.AdminRoutes;
import org.posthorn.daemon.admin.AdminServer;
import org.posthorn.daemon.admin.BanRoutes;
import org.posthorn.daemon.admin.DaemonControl;
import org.posthorn.daemon.admin.DaemonStatus;
import org.posthorn.daemon.admin.DaemonStatus.State;
import org.posthorn.daemon.admin.LimitRoutes;
import org.posthorn.daemon.admin.RouteTeller;
import org.posthorn.daemon.admin.VisitView;
import org.posthorn.daemon.auth.AuthSettings.Hashing;
import org.posthorn.daemon.auth.Authentication;
import org.posthorn.daemon.auth.DecoyKey;
import org.posthorn.daemon.auth.LoginGuard;
import org.posthorn.daemon.auth.PasswordWork;
import org.posthorn.daemon.cli.Version;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.Problem;
import org.posthorn.daemon.config.SettingsSource;
import org.posthorn.daemon.inbound.Checkpoints;
import org.posthorn.daemon.inbound.InboundCounters;
import org.posthorn.daemon.inbound.Intake;
import org.posthorn.daemon.inbound.netty.NettyListener.Place;
import org.posthorn.daemon.inbound.netty.NettyListener;
import org.posthorn.daemon.inbound.netty.Reception;
import org.posthorn.daemon.logging.Logging;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.daemon.tls.CertificateWatch;
import org.posthorn.daemon.tls.CredentialException;
import org.posthorn.daemon.tls.ServerTls;
import org.posthorn.delivery.tls.TlsCounters;
import org.posthorn.daemon.tracking.MtqpServer;
import org.posthorn.daemon.tracking.MtqpTerms;
import org.posthorn.daemon.tracking.TrackBook;
import org.posthorn.delivery.Visits;
import org.posthorn.dns.DnsjavaResolver;
import org.posthorn.dns.MailResolver;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.StoreException;
import org.posthorn.queue.storage.QueueStorage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon, all parts put together by hand: started in order, stopped in reverse. Safe for use by many threads.
 *
 * <p>A reload makes new rules, routes and limits and puts them in force together. What is bound to a place, the data
 * directory, the listeners and the admin endpoint, changes with the next start only.
 */
final class Mta implements DaemonControl, AutoCloseable {
  /** How long clients may take to finish a message, and deliveries to finish theirs: together less than 30 s. */
  private static final Duration CLIENT_GRACE = Duration.ofSeconds(8);
  private static final Duration DELIVERY_GRACE = Duration.ofSeconds(15);
  private static final Logger log = LoggerFactory.getLogger(Mta.class);

  private final SettingsSource source;
  private final Logging logging;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final QueueStorage storage;
  private final MailResolver resolver;
  private final Visits visits;
  private final CurrentDelivery delivery;
  private final Queue queue;
  private final InboundCounters counters = new InboundCounters();
  private final TlsCounters handshakes = new TlsCounters();
  private final Authentication authentication;
  private final ServerTls tls;
  private final CertificateWatch certificates;
  private final Quotas quotas;
  private final TrackBook tracks;
  private final MtqpServer tracking;
  private final Checkpoints checkpoints;
  private final NettyListener listener;
  private final CountDownLatch stopRequest = new CountDownLatch(1);
  private final Instant startedAt;
  private final Configuration begun; // what is bound to a place stays as it was then
  private volatile Configuration settings;
  private volatile List<InetSocketAddress> listening = List.of();
  private Optional<AdminServer> admin = Optional.empty();

  private Mta(Configuration settings, SettingsSource source, QueueStorage storage, Logging logging, InstantSource clock,
      RandomGenerator random) throws IOException {
    this.settings = settings;
    this.source = source;
    this.storage = storage;
    this.logging = logging;
    this.clock = clock;
    this.random = random;
    startedAt = clock.instant();
    begun = settings;
    visits = new Visits(clock);
    tls = tls(settings);
    resolver = new DnsjavaResolver(settings.dns(), clock, random);
    delivery = new CurrentDelivery(new Outbound(settings, resolver, handshakes, visits, clock, random));
    tracks = new TrackBook(settings.dataDirectory().resolve("tracking"), () -> this.settings.tracking().messages(),
        clock);
    queue = new Queue(storage.reconcile(delivery::destinationOf, clock), delivery,
        new SenderReports(() -> this.settings, tracks, random), () -> this.settings.queue(), clock, random);
    tracking = new MtqpServer(tracks, tls, () -> terms(this.settings));
    authentication = authentication(settings);
    quotas = new Quotas(settings.dataDirectory().resolve("limits"), clock, new ScheduledInQueue(queue.control()));
    checkpoints = new Checkpoints(settings.dataDirectory().resolve("checkpoints"), clock);
    var intake = new Intake(storage.spool(), new QueuedMail(queue, tracks), clock, counters, checkpoints);
    certificates = new CertificateWatch(tls, clock);
    listener = new NettyListener(new Reception.Ports(intake, resolver, counters, tls,
        authentication, quotas, new QueueOnDemand(queue.control(), delivery, visits, clock)), settings.inbound());
  }

  private static MtqpTerms terms(Configuration now) {
    return new MtqpTerms(now.hostname(), now.tracking().connections(), now.tracking().perClient(),
        now.inbound().settings().connections().handshake());
  }

  private Authentication authentication(Configuration initial) throws IOException {
    var auth = initial.inbound().settings().auth();
    var data = initial.dataDirectory();
    var guard = new LoginGuard(data.resolve("logins"), () -> settings.inbound().settings().auth().guard(), clock);
    return new Authentication(new PasswordWork(auth.hashing().threads(), auth.hashing().patience()), guard,
        DecoyKey.at(data.resolve("decoy-key"), random), clock, random);
  }

  /**
   * Delivers what waits in {@code storage} and begins to listen. The storage is closed by the caller, after this. Throws
   * IOException that says what cannot be had.
   */
  static Mta start(Configuration settings, SettingsSource source, QueueStorage storage, Logging logging,
      InstantSource clock, RandomGenerator random) throws IOException {
    var mta = new Mta(settings, source, storage, logging, clock, random);
    try {
      mta.begin();
      return mta;
    } catch (IOException | RuntimeException e) {
      mta.close();
      throw e;
    }
  }

  private ServerTls tls(Configuration now) throws IOException {
    try {
      return new ServerTls(now.tls(), clock, random);
    } catch (CredentialException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void begin() throws IOException {
    certificates.start();
    checkpoints.start(() -> settings.inbound().settings().extensions().checkpoint());
    queue.start();
    tracking.open(settings.tracking().addresses()); // first: MTRK is announced where it can be asked for only
    listening = new ServingPlaces(listener).open(settings.listeners());
    var routes = new RouteTeller(() -> settings.inbound().policy(), () -> delivery.outbound().router());
    admin = Optional.of(AdminServer.start(settings.admin(),
        new AdminRoutes(this, control(), routes,
            DaemonMetrics.of(this, control(),
                new DaemonMetrics.Watched(counters, handshakes, storage::journalFill, quotas,
                    visits, tracking.counters(), checkpoints)),
            new BanRoutes(authentication.guard()), new LimitRoutes(quotas), clock)));
  }

  /** Returns where clients are served by TCP. */
  List<InetSocketAddress> listening() {
    return listening;
  }

  /** Returns what the operator sees of the queue and does with it. */
  QueueControl control() {
    return queue.control();
  }

  /** Waits until {@link #stop} is called. */
  void awaitStop() throws InterruptedException {
    stopRequest.await();
  }

  @Override
  public DaemonStatus status() {
    return new DaemonStatus(Version.ofThisProgram(), ProcessHandle.current().pid(), startedAt, state(),
        source.toString(), settings.hostname().name(), listener.places().stream().map(Place::address).toList(),
        begun.dataDirectory().toString(), freeBytes(), listener.connections(), checkpoints.fill(), tls.states(),
        StatusViews.traffic(listener.places(), counters), StatusViews.tracking(tracking, tracks),
        visits.now().stream().map(VisitView::of).toList());
  }

  @Override
  public synchronized List<String> reload() throws ConfigException {
    var next = source.read();
    var outbound = new Outbound(next, resolver, handshakes, visits, clock, random); // while all is as it was
    try {
      openTracking(next);
      useCertificates(next);
    } catch (ConfigException | RuntimeException e) {
      tracking.keepOnly(settings.tracking().addresses());
      outbound.retire();
      throw e;
    }
    var untilRestart = whatNeedsARestart(next);
    try {
      logging.reload(next.log());
    } catch (IOException e) {
      log.atError().setCause(e).log("the log goes on as it was");
    }
    settings = next;
    delivery.use(outbound);
    listener.use(next.inbound());
    tracking.keepOnly(next.tracking().addresses());
    reroute();
    log.atInfo().addKeyValue("settings", source).log("reloaded");
    return untilRestart;
  }

  /** An index that fails now must not make the operator believe that nothing was changed. */
  private void reroute() {
    try {
      queue.reroute();
    } catch (StoreException e) {
      throw new StoreException(
          "the new settings are in force, but mail that waits keeps its routes for now; reload again",
          e);
    }
  }

  private void openTracking(Configuration next) throws ConfigException {
    try {
      tracking.open(next.tracking().addresses());
    } catch (IOException e) {
      throw problem(e);
    }
  }

  private void useCertificates(Configuration next) throws ConfigException {
    try {
      tls.use(next.tls());
    } catch (CredentialException e) {
      throw problem(e);
    }
    certificates.look();
  }

  private ConfigException problem(Exception why) {
    return new ConfigException(List.of(new Problem(source.toString(), 0, 0, String.valueOf(why.getMessage()))));
  }

  @Override
  public void stop() {
    stopRequest.countDown();
  }

  /** Lets clients and deliveries finish what they are at, in bounded time, and closes everything. */
  @Override
  public void close() {
    stopRequest.countDown();
    try {
      listener.drain(CLIENT_GRACE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // in a hurry: clients are cut
    }
    queue.close(DELIVERY_GRACE);
    admin.ifPresent(AdminServer::close);
    tracking.close();
    listener.close();
    authentication.close();
    certificates.close();
    checkpoints.close();
    quotas.close();
    delivery.outbound().retire();
  }

  private State state() {
    if (stopRequest.getCount() == 0) {
      return State.STOPPING;
    }
    return freeBytes() < begun.spool().minFreeBytes() || queue.isBehind() ? State.REFUSING : State.SERVING;
  }

  private long freeBytes() {
    return begun.dataDirectory().toFile().getUsableSpace();
  }

  /** Returns the keys of what {@code next} changes, and stays as it was begun; tells the log, too. */
  private List<String> whatNeedsARestart(Configuration next) {
    return Stream.of(changed("data-directory", Configuration::dataDirectory, next),
        changed("listener", Configuration::listeners, next), changed("dns", Configuration::dns, next),
        changed("admin", Configuration::admin, next), changed("queue", Configuration::spool, next),
        changed("auth.password-threads", Mta::hashing, next)).flatMap(Optional::stream).toList();
  }

  private static Hashing hashing(Configuration of) {
    return of.inbound().settings().auth().hashing();
  }

  private Optional<String> changed(String key, Function<Configuration, Object> part, Configuration next) {
    if (part.apply(begun).equals(part.apply(next))) {
      return Optional.empty();
    }
    log.atWarn().addKeyValue("key", key).log("this change takes effect at the next start");
    return Optional.of(key);
  }
}
