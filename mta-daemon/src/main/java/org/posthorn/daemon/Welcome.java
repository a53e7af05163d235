package org.posthorn.daemon;

import java.io.PrintStream;
import org.posthorn.daemon.admin.DaemonStatus;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.smtp.Domain;

/** Tells who starts the daemon for the first time, without settings, what it does and how to send a first message. */
final class Welcome {
  private Welcome() {}

  static void print(Configuration settings, DaemonStatus status, PrintStream out) {
    var local = settings.inbound().settings().local();
    var user = local.users().first().orElse("postmaster");
    var domain = local.domains().stream().findFirst().map(Domain::name).orElse(settings.hostname().name());
    var address = user + "@" + domain;
    out.println();
    out.println("Posthorn " + status.version() + " is ready.");
    out.println("  listens on  " + String.join(", ", status.listeners()));
    out.println("  mail for    " + address + " lands in " + settings.mailboxes()
        .pathTemplate()
        .replace("{user}", user)
        .replace("{domain}", domain));
    out.println("  other mail  goes to the mail hosts of its domain, from this machine only");
    out.println("  everything  is under " + settings.dataDirectory());
    out.println();
    out.println("Send a first message, from another terminal:");
    out.println("  ./posthorn send --server " + status.listeners().getFirst() + " --to " + address
        + " --subject hello --body \"first message\"");
    out.println();
    out.flush();
  }
}
