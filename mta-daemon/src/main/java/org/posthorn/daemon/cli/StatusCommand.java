package org.posthorn.daemon.cli;

import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.DaemonStatus;
import org.posthorn.daemon.admin.DaemonStatus.State;
import org.posthorn.daemon.admin.ListenerView;
import org.posthorn.daemon.admin.StatusView;
import org.posthorn.daemon.admin.TrackingView;
import org.posthorn.daemon.admin.VisitView;
import org.posthorn.daemon.inbound.CheckpointFill;
import org.posthorn.daemon.tls.CertificateState;
import org.posthorn.queue.QueueCounts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code posthorn status}. */
@Command(name = "status", description = {"Says whether the daemon runs, and how it is.",
    "Exits with 0 when it takes mail, else with 1."})
final class StatusCommand extends ViewCommand<StatusView> {
  @Mixin
  private DaemonOption daemon = new DaemonOption();

  StatusCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  StatusView look() throws AdminException {
    return daemon.ask(terminal, "GET", "/status", Map.of(), StatusView.class);
  }

  @Override
  void show(StatusView status) {
    show(status.daemon());
    show(status.queue(), status.scheduled());
  }

  @Override
  int exitCode(StatusView status) {
    return status.daemon().state() == State.SERVING ? ExitCode.OK : ExitCode.FAILED;
  }

  private void show(DaemonStatus status) {
    var out = terminal.out();
    out.println("posthorn " + status.version() + " " + switch (status.state()) {
      case SERVING -> "takes mail";
      case REFUSING -> "takes no mail: its disk is full or too slow";
      case STOPPING -> "is stopping";
    } + ", process " + status.pid() + ", up "
        + Age.of(Duration.between(status.startedAt(), terminal.clock().instant())));
    out.println("listens on   " + String.join(", ", status.listeners()) + " as " + status.hostname());
    out.println("settings     " + status.settings());
    out.println("data         " + status.dataDirectory() + ", " + Size.of(status.freeBytes()) + " free");
    status.certificates().forEach(this::show);
    out.println("connections  " + status.connections() + " from clients");
    showKept(status.checkpoint());
    status.traffic().forEach(this::show);
    show(status.tracking());
    status.visits().forEach(this::show);
  }

  private void showKept(CheckpointFill checkpoint) {
    if (checkpoint.transactions() > 0) {
      terminal.out()
          .println("checkpoints  " + checkpoint.transactions() + " transactions that broke off or just ended, "
              + Size.of(checkpoint.bytes()));
    }
  }

  private void show(ListenerView listener) {
    terminal.out()
        .printf(Locale.ROOT, "%-13s%s: %d connections, %d messages taken, %s, %d refusals since start%n",
            listener.kind(),
            String.join(", ", listener.addresses()), listener.connections(), listener.messages(),
            Size.of(listener.bytes()), listener.refusals());
  }

  private void show(TrackingView tracking) {
    if (!tracking.addresses().isEmpty()) {
      terminal.out()
          .println("tracking     " + String.join(", ", tracking.addresses()) + ": " + tracking.messages()
              + " messages tracked, " + tracking.clients() + " clients now, " + tracking.known()
              + " questions answered, " + tracking.unknown() + " about nothing known since start");
    }
  }

  private void show(VisitView visit) {
    terminal.out()
        .println("visit        " + visit.server() + " for " + String.join(", ", visit.destinations()) + ", "
            + Age.of(Duration.between(visit.since(), terminal.clock().instant())) + ", "
            + visit.tls().orElse("in clear") + ", " + visit.messages() + " messages handed over");
  }

  private void show(CertificateState certificate) {
    terminal.out()
        .println("certificate  " + String.join(", ", certificate.names()) + " (" + certificate.keyType() + ") until "
            + certificate.notAfter().atOffset(ZoneOffset.UTC).toLocalDate() + ", " + certificate.source());
    certificate.problems().forEach(problem -> terminal.out().println("             ! it " + problem));
  }

  private void show(QueueCounts queue, long scheduled) {
    terminal.out()
        .println("queue        " + queue.active() + " being tried, " + queue.ready() + " ready, "
            + queue.waiting() + " waiting, " + queue.held() + " held"
            + (scheduled > 0 ? "; " + scheduled + (scheduled == 1 ? " message" : " messages") + " scheduled" : ""));
    terminal.out()
        .println("since start  " + queue.delivered() + " delivered, " + queue.deferred() + " deferred, "
            + queue.bounced() + " bounced, " + queue.expired() + " expired, " + queue.deleted() + " deleted");
  }
}
