package org.posthorn.daemon;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.posthorn.daemon.admin.DaemonControl;
import org.posthorn.daemon.admin.Metrics;
import org.posthorn.daemon.inbound.InboundCounters;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.InboundCounters.Refusal;
import org.posthorn.daemon.quota.Limit;
import org.posthorn.daemon.quota.Quotas;
import org.posthorn.daemon.tls.CertificateState;
import org.posthorn.delivery.tls.TlsCounters;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueCounts;
import org.posthorn.queue.spool.JournalFill;

/** What the daemon can be watched by. The names are stable. */
final class DaemonMetrics {
  private DaemonMetrics() {}

  static Metrics of(DaemonControl daemon, QueueControl queue, InboundCounters inbound, TlsCounters outbound,
      Supplier<JournalFill> journal, Quotas quotas) {
    var metrics = new Metrics();
    metrics.gauge("posthorn_clients", "Clients connected now", () -> daemon.status().connections());
    metrics.gauge("posthorn_disk_free_bytes", "Free space where the spool is", () -> daemon.status().freeBytes());
    metrics.gauge("posthorn_journal_messages", "Fresh messages that have no file of their own",
        () -> journal.get().messages());
    metrics.gauge("posthorn_journal_bytes", "Length of the intake journal", () -> journal.get().bytes());
    metrics.counters("posthorn_connections_total", "Clients that connected", "listener",
        () -> Arrays.stream(Kind.values()).collect(Collectors.toMap(Kind::toString, inbound::connections)));
    metrics.counter("posthorn_messages_accepted_total", "Messages answered with 250", inbound::messages);
    metrics.counter("posthorn_bytes_accepted_total", "Octets of those messages", inbound::bytes);
    metrics.counters("posthorn_logins_total", "Clients that used AUTH", "result",
        () -> Map.of("success", inbound.logins(), "failure", inbound.failedLogins()));
    metrics.counters("posthorn_limits_reached_total", "Mail refused for a sending limit", "limit",
        () -> Arrays.stream(Limit.values()).collect(Collectors.toMap(Limit::key, quotas::refusals)));
    metrics.counters("posthorn_refused_total", "Refusals", "what", () -> Arrays.stream(Refusal.values())
        .collect(Collectors.toMap(why -> why.name().toLowerCase(Locale.ROOT), inbound::refusals)));
    metrics.counters("posthorn_tls_handshakes_total", "TLS handshakes with clients", "outcome",
        () -> Map.of("done", inbound.handshakes(), "failed", inbound.failedHandshakes()));
    metrics.counters("posthorn_outbound_tls_handshakes_total", "TLS handshakes with servers that mail goes to",
        "outcome",
        () -> Arrays.stream(TlsCounters.Handshake.values())
            .collect(Collectors.toMap(end -> end.name().toLowerCase(Locale.ROOT), outbound::handshakes)));
    metrics.gauges("posthorn_certificate_expiry_timestamp_seconds", "When our certificates end, in Unix time", "file",
        () -> daemon.status()
            .certificates()
            .stream()
            .collect(
                Collectors.toMap(CertificateState::source, state -> state.notAfter().getEpochSecond(), Math::min)));
    metrics.gauge("posthorn_certificate_problems", "What is wrong with our certificates, or soon will be",
        () -> daemon.status().certificates().stream().mapToInt(state -> state.problems().size()).sum());
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
    return metrics;
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
