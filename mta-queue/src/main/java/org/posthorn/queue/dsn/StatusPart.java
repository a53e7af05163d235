package org.posthorn.queue.dsn;

import java.util.stream.Stream;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.Report;
import org.posthorn.queue.Report.Action;
import org.posthorn.queue.Report.Line;
import org.posthorn.smtp.Printable;

/** The part for programs: {@code message/delivery-status} (RFC 3464 §2), or its UTF-8 form (RFC 6533 §4.1). */
final class StatusPart {
  private final Report report;
  private final String hostname;
  private final boolean global;

  /** Describes {@code report} as the host {@code hostname} saw it. */
  StatusPart(Report report, String hostname) {
    this.report = report;
    this.hostname = hostname;
    // The 7-bit form cannot show such an address without loss that every reader understands (RFC 6533 §4.4).
    this.global = report.lines()
        .stream()
        .map(this::recipient)
        .flatMap(StatusPart::addresses)
        .anyMatch(address -> !FieldText.isAscii(address));
  }

  /** Whether this is {@code message/global-delivery-status}. */
  boolean isGlobal() {
    return global;
  }

  /** Returns the fields: one group for the message, then one for each recipient. */
  String text() {
    var text = new StringBuilder();
    // RFC 3461 §6.3(a): only when the client gave one, and decoded.
    report.message().envelope().dsn().envelopeId().ifPresent(id -> text.append(field("Original-Envelope-Id", id)));
    text.append(field("Reporting-MTA", "dns; " + hostname));
    text.append(field("X-Posthorn-Queue-Id", report.message().id().value()));
    text.append(FieldText.field("Arrival-Date", report.message().queuedAt()));
    var handling = report.message().envelope().handling();
    handling.deadline().ifPresent(by -> text.append(FieldText.field("Deliver-By-Date", by.at()))); // RFC 2852 §5
    handling.release()
        .ifPresent(later -> text.append(field("Future-Release-Request", later.asked().toString()))); // RFC 4865 §5.1.2
    report.lines().forEach(line -> text.append("\r\n").append(group(line)));
    return text.toString();
  }

  private String group(Line line) {
    var text = new StringBuilder();
    var recipient = recipient(line);
    recipient.original()
        .ifPresent(original -> text.append(field("Original-Recipient", original.type() + "; " + original.address())));
    text.append(field("Final-Recipient", typed(recipient.address().toString())));
    text.append(field("Action", word(line.action())));
    text.append(field("Status", line.diagnostic().status().toString()));
    line.diagnostic().remote().ifPresent(remote -> text.append(field("Remote-MTA", "dns; " + remote.host())));
    text.append(field("Diagnostic-Code", diagnosticCode(line.diagnostic())));
    line.attemptedAt().ifPresent(at -> text.append(FieldText.field("Last-Attempt-Date", at)));
    line.retryUntil().ifPresent(until -> text.append(FieldText.field("Will-Retry-Until", until)));
    return text.toString();
  }

  private String field(String name, String value) {
    String bounded = Printable.of(value);
    return FieldText.field(name, global ? bounded : FieldText.toAscii(bounded));
  }

  private static String typed(String address) {
    return (FieldText.isAscii(address) ? "rfc822; " : "utf-8; ") + address;
  }

  private static String diagnosticCode(Diagnostic diagnostic) {
    // RFC 3464 §2.3.6: "smtp" is for what an SMTP server said.
    return (diagnostic.isReply() ? "smtp; " : "x-posthorn; ") + diagnostic.text();
  }

  private static String word(Action action) {
    return switch (action) {
      case FAILED -> "failed";
      case DELAYED -> "delayed";
      case DELIVERED -> "delivered";
      case RELAYED -> "relayed";
      case EXPANDED -> "expanded";
    };
  }

  private Recipient recipient(Line line) {
    return report.message().envelope().recipient(line.recipient());
  }

  private static Stream<String> addresses(Recipient recipient) {
    return Stream.concat(Stream.of(recipient.address().toString()),
        recipient.original().stream().map(original -> original.address()));
  }
}
