package org.posthorn.daemon.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.UsageView;
import org.posthorn.daemon.quota.Limit;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn limits}. */
@Command(name = "limits", description = {"Shows how much everybody has sent within an hour and a day who has limits,"
    + " and what waits until its sender wants it sent on, in messages and megabytes."})
final class LimitsCommand extends ViewCommand<UsageView[]> {
  private static final String FORM = "%-32s  %15s  %17s  %8s  %13s  %s%n";

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Option(names = "--release", paramLabel = "WHO", description = "Forgets what a user or client has sent, which can then"
      + " send again.")
  private Optional<String> released = Optional.empty();

  LimitsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() throws Exception {
    if (released.isEmpty()) {
      return super.call();
    }
    daemon.ask(terminal, "POST", "/limits/release", Map.of("who", List.of(released.get())), Map.class);
    terminal.out().println(Printable.of(released.get()) + " can send again.");
    return ExitCode.OK;
  }

  @Override
  UsageView[] look() throws AdminException {
    return daemon.ask(terminal, "GET", "/limits", Map.of(), UsageView[].class);
  }

  @Override
  void show(UsageView[] all) {
    terminal.out()
        .printf(Locale.ROOT, FORM, "WHO", "MESSAGES 1H/1D", "RECIPIENTS 1H/1D", "NEW 1D", "LATER/MB",
            "LIMIT REACHED");
    for (var usage : all) {
      terminal.out()
          .printf(Locale.ROOT, FORM, Printable.of(usage.who()),
              used(usage, Limit.MESSAGES_PER_HOUR) + "/" + used(usage, Limit.MESSAGES_PER_DAY),
              used(usage, Limit.RECIPIENTS_PER_HOUR) + "/" + used(usage, Limit.RECIPIENTS_PER_DAY),
              used(usage, Limit.NEW_RECIPIENTS_PER_DAY),
              used(usage, Limit.SCHEDULED_MESSAGES) + "/" + used(usage, Limit.SCHEDULED_MEGABYTES), reached(usage));
    }
  }

  private String reached(UsageView usage) {
    return usage.limitReached()
        .map(when -> Age.of(Duration.between(when, terminal.clock().instant())) + " ago")
        .orElse("");
  }

  private static String used(UsageView usage, Limit limit) {
    return String.valueOf(usage.used().getOrDefault(limit.key(), 0));
  }
}
