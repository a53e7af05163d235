package org.posthorn.daemon.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.Changed;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn queue retry}, {@code hold}, {@code release}, {@code bounce} and {@code delete}. */
@Command
final class QueueActCommand extends Helpful implements Callable<Integer> {
  /** What is done to messages. */
  enum Action {
    /** Makes them due. */
    RETRY("retry", "Tries messages now, but for what is on hold or waits for a time that its sender has set.",
        "tried now"),
    /** Holds them back. */
    HOLD("hold", "Holds messages back until they are released.", "held"),
    /** Lets them go on. */
    RELEASE("release", "Lets messages on hold go on, and sends what waits for a time that its sender has set.",
        "released"),
    /** Returns them. */
    BOUNCE("bounce", "Returns messages to their senders as undeliverable.", "bounced"),
    /** Removes them. */
    DELETE("delete", "Removes messages and tells nobody.", "deleted");

    private final String verb;
    private final String description;
    private final String done;

    Action(String verb, String description, String done) {
      this.verb = verb;
      this.description = description;
      this.done = done;
    }

    String verb() {
      return verb;
    }

    String description() {
      return description + " Name them by id or by the filters, which must all match.";
    }
  }

  private final Terminal terminal;
  private final Action action;

  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Mixin
  private FilterOptions filter = new FilterOptions();

  @Option(names = {"-n", "--dry-run"}, description = "Only says how many messages are meant.")
  private boolean isDryRun;

  @Option(names = "--all", description = "Every message in the queue.")
  private boolean isAll;

  QueueActCommand(Terminal terminal, Action action) {
    this.terminal = terminal;
    this.action = action;
  }

  @Override
  public Integer call() throws AdminException {
    var query = new LinkedHashMap<>(filter.query());
    if (query.isEmpty() && !isAll) {
      throw Failure.usage("that means every message in the queue: name ids or a filter, or say --all");
    }
    query.getOrDefault("id", List.of()).forEach(IdText::of);
    query.put("dry-run", List.of(Boolean.toString(isDryRun)));
    query.put("all", List.of(Boolean.toString(isAll)));
    var changed = daemon.ask(terminal, "POST", "/queue/" + action.verb(), query, Changed.class);
    long count = changed.messages();
    terminal.out()
        .println(count + (count == 1 ? " message " : " messages ") + (isDryRun ? "would be " : "")
            + action.done + ".");
    changed.missing().forEach(id -> terminal.complain("no message " + id + " is in the queue"));
    return changed.missing().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }
}
