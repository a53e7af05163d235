package org.posthorn.daemon.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.MessageDetails;
import org.posthorn.smtp.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code posthorn queue show}. */
@Command(name = "show", description = "Shows all that is known of a message.")
final class QueueShowCommand extends ViewCommand<MessageDetails> {
  @Mixin
  private DaemonOption daemon = new DaemonOption();

  @Parameters(paramLabel = "ID", description = "The message.")
  private String id = "";

  QueueShowCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  MessageDetails look() throws AdminException {
    return daemon.ask(terminal, "GET", "/queue/" + IdText.of(id), Map.of(), MessageDetails.class);
  }

  @Override
  void show(MessageDetails message) {
    var out = terminal.out();
    var now = terminal.clock().instant();
    out.println("id        " + message.id());
    out.println("queued    " + message.queuedAt() + ", " + Age.of(Duration.between(message.queuedAt(), now)) + " ago");
    out.println("from      " + (message.sender().isEmpty() ? "<>" : Printable.of(message.sender())) + " by "
        + Printable.of(message.client()));
    message.trace().ifPresent(trace -> out.println("came      " + Printable.of(trace)));
    out.println(
        "content   " + Size.of(message.bytes()) + ", " + message.body() + (message.smtpUtf8() ? ", SMTPUTF8" : ""));
    message.envelopeId().ifPresent(envelopeId -> out.println("envid     " + Printable.of(envelopeId)));
    message.releaseAt().ifPresent(at -> out.println("release   " + at + when(now, at)));
    message.deliverBy()
        .ifPresent(by -> out.println("by        " + by.at() + when(now, by.at()) + ", then " + by.mode()
            + (by.trace() ? ", traced" : "")));
    if (message.priority() != 0) {
      out.println("priority  " + message.priority());
    }
    message.asked().forEach(line -> out.println("asked     " + Printable.of(line)));
    message.waiting().forEach(recipient -> out.println("waits     " + QueueTable.line(recipient, now)));
    message.done()
        .forEach(done -> out.println("done      " + Printable.of(done.address()) + " " + done.at() + " "
            + done.status() + " " + Printable.of(done.text())));
    message.events().forEach(event -> out.println("event     " + event));
  }

  private static String when(Instant now, Instant at) {
    return at.isAfter(now) ? ", in " + Age.of(Duration.between(now, at)) : "";
  }
}
