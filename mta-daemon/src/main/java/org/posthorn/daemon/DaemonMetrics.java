package org.posthorn.daemon;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.posthorn.daemon.admin.DaemonControl;
import org.posthorn.daemon.admin.DaemonStatus;
import org.posthorn.daemon.admin.Metrics;
import org.posthorn.daemon.inbound.Checkpoints;
import org.posthorn.daemon.inbound.InboundCounters;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.InboundCounters.Asked;
import org.posthorn.daemon.inbound.InboundCounters.Refusal;
import org.posthorn.daemon.quota.Limit;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.daemon.tls.CertificateState;
import org.posthorn.daemon.tracking.TrackingCounters;
import org.posthorn.delivery.Visits;
import org.posthorn.delivery.tls.TlsCounters;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueCounts;
import org.posthorn.queue.spool.JournalFill;

/** What the daemon can be watched by. The names are stable. */
final class DaemonMetrics {
  private DaemonMetrics() {}

  /**
   * The parts of the daemon that count.
   *
   * @param inbound what comes in
   * @param outbound TLS with servers that mail goes to
   * @param journal how full it is
   * @param quotas what is sent by those who have limits
   * @param visits who comes for mail
   * @param tracking what senders ask who track their messages
   * @param checkpoints what is kept of messages that broke off
   */
  record Watched(InboundCounters inbound, TlsCounters outbound, Supplier<JournalFill> journal, Quotas quotas,
      Visits visits, TrackingCounters tracking, Checkpoints checkpoints) {}

  static Metrics of(DaemonControl daemon, QueueControl queue, Watched watched) {
    var metrics = new Metrics();
    var status = metrics.oncePerPage(daemon::status);
    metrics.gauge("posthorn_clients", "Clients connected now", () -> status.get().connections());
    metrics.gauge("posthorn_disk_free_bytes", "Free space where the spool is", () -> status.get().freeBytes());
    metrics.gauge("posthorn_journal_messages", "Fresh messages that have no file of their own",
        () -> watched.journal().get().messages());
    metrics.gauge("posthorn_journal_bytes", "Length of the intake journal", () -> watched.journal().get().bytes());
    metrics.gauge("posthorn_checkpoint_transactions", "Transactions of which it is known where they broke off or ended",
        () -> watched.checkpoints().fill().transactions());
    metrics.gauge("posthorn_checkpoint_bytes", "Octets kept of messages that broke off",
        () -> watched.checkpoints().fill().bytes());
    metrics.counter("posthorn_checkpoint_resumed_total", "Transactions that went on where they broke off",
        watched.checkpoints()::resumed);
    metrics.counters("posthorn_limits_reached_total", "Mail refused for a sending limit", "limit",
        () -> Arrays.stream(Limit.values()).collect(Collectors.toMap(Limit::key, watched.quotas()::refusals)));
    metrics.counters("posthorn_outbound_tls_handshakes_total", "TLS handshakes with servers that mail goes to",
        "outcome", () -> each(TlsCounters.Handshake.values(), watched.outbound()::handshakes));
    metrics.gauges("posthorn_certificate_expiry_timestamp_seconds", "When our certificates end, in Unix time", "file",
        () -> status.get()
            .certificates()
            .stream()
            .collect(
                Collectors.toMap(CertificateState::source, state -> state.notAfter().getEpochSecond(), Math::min)));
    metrics.gauge("posthorn_certificate_problems", "What is wrong with our certificates, or soon will be",
        () -> status.get().certificates().stream().mapToInt(state -> state.problems().size()).sum());
    addInbound(metrics, watched.inbound());
    addVisits(metrics, watched.visits());
    addTracking(metrics, status, watched.tracking());
    addQueue(metrics, queue);
    return metrics;
  }

  private static void addInbound(Metrics metrics, InboundCounters inbound) {
    metrics.counters("posthorn_connections_total", "Clients that connected", "listener",
        () -> each(Kind.values(), kind -> inbound.at(kind).connections()));
    metrics.counters("posthorn_messages_accepted_total", "Messages answered with 250", "listener",
        () -> each(Kind.values(), kind -> inbound.at(kind).messages()));
    metrics.counters("posthorn_bytes_accepted_total", "Octets of those messages", "listener",
        () -> each(Kind.values(), kind -> inbound.at(kind).bytes()));
    metrics.counters("posthorn_refused_total", "Refusals", List.of("listener", "what"), () -> refusals(inbound));
    metrics.counters("posthorn_logins_total", "Clients that used AUTH", "result",
        () -> Map.of("success", inbound.logins(), "failure", inbound.failedLogins()));
    metrics.counters("posthorn_tls_handshakes_total", "TLS handshakes with clients", "outcome",
        () -> Map.of("done", inbound.handshakes(), "failed", inbound.failedHandshakes()));
    metrics.counters("posthorn_mail_asked_for_total", "Answers to ETRN and ATRN", "answer",
        () -> each(Asked.values(), inbound::answers));
  }

  private static Map<List<String>, Long> refusals(InboundCounters inbound) {
    var refusals = new HashMap<List<String>, Long>();
    for (var kind : Kind.values()) {
      each(Refusal.values(), inbound.at(kind)::refusals)
          .forEach((what, count) -> refusals.put(List.of(kind.toString(), what), count));
    }
    return refusals;
  }

  private static void addVisits(Metrics metrics, Visits visits) {
    metrics.gauge("posthorn_visitors", "Servers that have come for their mail, now", () -> visits.now().size());
    metrics.counter("posthorn_visits_total", "Servers that have come for their mail", visits::begun);
    metrics.counter("posthorn_visit_messages_total", "Messages that they have taken", visits::messages);
  }

  private static void addTracking(Metrics metrics, Supplier<DaemonStatus> status, TrackingCounters tracking) {
    metrics.gauge("posthorn_tracking_clients", "Clients of the tracking server, now",
        () -> status.get().tracking().clients());
    metrics.gauge("posthorn_tracking_messages", "Messages that are tracked",
        () -> status.get().tracking().messages());
    metrics.counter("posthorn_tracking_connections_total", "Clients of the tracking server", tracking::connections);
    metrics.counter("posthorn_tracking_refused_total", "Clients of the tracking server beyond a bound",
        tracking::refusals);
    metrics.counters("posthorn_tracking_questions_total", "Questions for messages", "result",
        () -> Map.of("known", tracking.known(), "unknown", tracking.unknown()));
  }

  private static <E extends Enum<E>> Map<String, Long> each(E[] values, ToLongFunction<E> count) {
    return Arrays.stream(values)
        .collect(Collectors.toMap(value -> value.name().toLowerCase(Locale.ROOT), count::applyAsLong));
  }

  private static void addQueue(Metrics metrics, QueueControl queue) {
    var counts = metrics.oncePerPage(queue::counts);
    metrics.gauge("posthorn_lanes", "Transactions with next hops that may run now", () -> counts.get().lanes());
    metrics.gauge("posthorn_recipients_active", "Recipients being tried now", () -> counts.get().active());
    metrics.gauge("posthorn_recipients_ready", "Recipients in memory that wait for their turn",
        () -> counts.get().ready());
    metrics.gauge("posthorn_recipients_waiting", "Recipients that are due later", () -> counts.get().waiting());
    metrics.gauge("posthorn_recipients_held", "Recipients held back by the operator", () -> counts.get().held());
    metrics.gauge("posthorn_messages_scheduled", "Messages that their senders want to be sent on later",
        queue::scheduled);
    metrics.counters("posthorn_recipients_total", "What became of recipients in attempts", "outcome",
        () -> outcomes(counts.get()));
  }

  private static Map<String, Long> outcomes(QueueCounts counts) {
    var outcomes = new TreeMap<String, Long>();
    outcomes.put("delivered", counts.delivered());
    outcomes.put("deferred", counts.deferred());
    outcomes.put("bounced", counts.bounced());
    outcomes.put("expired", counts.expired());
    outcomes.put("deleted", counts.deleted());
    return outcomes;
  }
}
