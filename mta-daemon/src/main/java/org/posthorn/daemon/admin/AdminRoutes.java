package org.posthorn.daemon.admin;

import java.time.InstantSource;
import java.util.Map;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.queue.QueueControl;

/** What is served where. Safe for use by many threads; each call may wait for the disk. */
public final class AdminRoutes {
  private final DaemonControl daemon;
  private final QueueControl queue;
  private final QueueRoutes queueRoutes;
  private final RouteTeller routes;
  private final Metrics metrics;
  private final BanRoutes bans;
  private final LimitRoutes limits;

  /** Serves these. */
  public AdminRoutes(DaemonControl daemon, QueueControl queue, RouteTeller routes, Metrics metrics, BanRoutes bans,
      LimitRoutes limits,
      InstantSource clock) {
    this.daemon = daemon;
    this.queue = queue;
    this.queueRoutes = new QueueRoutes(queue, clock);
    this.routes = routes;
    this.metrics = metrics;
    this.bans = bans;
    this.limits = limits;
  }

  /** Answers a request that came through the Unix socket. */
  AdminAnswer answer(AdminRequest request) {
    return switch (request.method() + " " + request.path()) {
      case "GET /health" -> health();
      case "GET /metrics" -> metrics.page();
      case "GET /status" -> Json.ok(new StatusView(daemon.status(), queue.counts(), queue.scheduled()));
      case "POST /reload" -> reload();
      case "POST /stop" -> stop();
      case "GET /route" -> Json.ok(routes.tell(request.one("address").orElse("")));
      default -> queueRoutes.answer(request)
          .or(() -> bans.answer(request))
          .or(() -> limits.answer(request))
          .orElseGet(() -> unknown(request));
    };
  }

  private static AdminAnswer unknown(AdminRequest request) {
    return Json.error(404, "this daemon does not know " + request.method() + " " + request.path());
  }

  /** Answers a request that came by TCP, from anybody who can connect: metrics and health, nothing else. */
  AdminAnswer answerPublicly(AdminRequest request) {
    return switch (request.method() + " " + request.path()) {
      case "GET /health" -> health();
      case "GET /metrics" -> metrics.page();
      default -> Json.error(404, "there are only /metrics and /health here");
    };
  }

  private AdminAnswer health() {
    return switch (daemon.status().state()) {
      case SERVING -> Json.ok(Map.of("health", "serving"));
      case REFUSING -> Json.error(503, "refusing mail");
      case STOPPING -> Json.error(503, "stopping");
    };
  }

  private AdminAnswer reload() {
    try {
      return Json.ok(new Reloaded(daemon.reload()));
    } catch (ConfigException e) {
      return Json.error(409, "nothing was changed:\n" + e.getMessage());
    }
  }

  private AdminAnswer stop() {
    daemon.stop();
    return Json.ok(Map.of("done", true));
  }
}
