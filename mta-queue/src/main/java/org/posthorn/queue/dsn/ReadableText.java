package org.posthorn.queue.dsn;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.Report;
import org.posthorn.queue.Report.Action;
import org.posthorn.queue.Report.Line;
import org.posthorn.smtp.Printable;

/** The part for people: what happened, to whom, why, and what to do. */
final class ReadableText {
  private static final int WIDTH = 72;
  private static final Pattern WORD = Pattern.compile("[^ ]{1,200}");
  private static final List<Action> ORDER = List.of(Action.FAILED, Action.DELAYED, Action.DELIVERED, Action.RELAYED,
      Action.EXPANDED);

  private final StringBuilder text = new StringBuilder();
  private final Report report;
  private final String hostname;

  /** Tells of {@code report} in the name of {@code hostname}. */
  ReadableText(Report report, String hostname) {
    this.report = report;
    this.hostname = hostname;
  }

  /** Returns the text, lines ending in CRLF; {@code subject} is that of the message, to recognise it by. */
  String text(Optional<String> subject, String copyNote) {
    ORDER.forEach(action -> group(action,
        report.lines().stream().filter(line -> line.action() == action).toList()));
    paragraph(0, "The message:");
    subject.ifPresent(shown -> paragraph(4, "Subject: " + shown, false));
    paragraph(4, "Sent: " + FieldText.DATE.format(report.message().queuedAt()));
    paragraph(0, copyNote);
    paragraph(0, "This report comes from the mail system at " + hostname + ". If you need help, write to postmaster@"
        + hostname + " and name the number " + report.message().id() + ".");
    return text.toString();
  }

  private void group(Action action, List<Line> lines) {
    if (lines.isEmpty()) {
      return;
    }
    paragraph(0, heading(action));
    for (Line line : lines) {
      var recipient = report.message().envelope().recipient(line.recipient());
      paragraph(0, shown(recipient));
      switch (action) {
        case FAILED -> failed(line, recipient);
        case DELAYED -> delayed(line, recipient);
        case DELIVERED, RELAYED, EXPANDED -> {
        }
      }
    }
  }

  private static String heading(Action action) {
    return switch (action) {
      case FAILED -> "Your message could not be delivered to:";
      case DELAYED -> "Your message has not been delivered yet, and we keep trying. You need not send it again. It is "
          + "still waiting for:";
      case DELIVERED -> "Your message was delivered to the mailbox of:";
      case RELAYED ->
        "Your message was handed to the mail system of the following recipients, which takes care of it but "
            + "does not report when it arrives:";
      case EXPANDED -> "Your message was passed on to everyone behind:";
    };
  }

  private static String shown(Recipient recipient) {
    String address = recipient.address().toString();
    return recipient.original()
        .filter(original -> !original.address().equalsIgnoreCase(address))
        .map(original -> address + " (you wrote to " + original.address() + ")")
        .orElse(address);
  }

  private void failed(Line line, Recipient recipient) {
    var explanation = explanation(line, recipient);
    // A message that waited until it expired fails with the status of the last attempt.
    boolean expired = line.diagnostic().status().severity() == 4;
    paragraph(4, (expired ? "We tried " + waited() + " without success. " : "") + explanation.why());
    paragraph(4, "What you can do: " + explanation.advice());
    said(line.diagnostic());
  }

  private void delayed(Line line, Recipient recipient) {
    paragraph(4, explanation(line, recipient).why());
    line.retryUntil()
        .ifPresent(until -> paragraph(4,
            "We try until " + FieldText.DATE.format(until) + ", and tell you if it does not succeed by then."));
    said(line.diagnostic());
  }

  private Explanation explanation(Line line, Recipient recipient) {
    var diagnostic = line.diagnostic();
    return diagnostic.status().subject() == 0 && !diagnostic.isReply()
        ? Explanation.OURS
        : Explanation.of(diagnostic.status(), recipient.address().host().toString());
  }

  private String waited() {
    var age = Duration.between(report.message().queuedAt(), report.at());
    if (age.toDays() > 1) {
      return "for " + age.toDays() + " days";
    }
    return age.toHours() > 1 ? "for " + age.toHours() + " hours" : "more than once";
  }

  private void said(Diagnostic diagnostic) {
    String who = diagnostic.remote().map(remote -> "The server " + remote.host()).orElse("The server");
    paragraph(4, diagnostic.isReply() ? who + " answered:" : "Our mail system noted:", false);
    paragraph(8, diagnostic.text());
  }

  private void paragraph(int indent, String words) {
    paragraph(indent, words, true);
  }

  private void paragraph(int indent, String words, boolean gapAfter) {
    var word = WORD.matcher(Printable.of(words));
    int column = WIDTH;
    boolean first = true;
    while (word.find()) {
      if (column + 1 + word.group().length() > WIDTH) {
        text.append(first ? "" : "\r\n").repeat(' ', indent);
        column = indent;
      } else {
        text.append(' ');
        column++;
      }
      text.append(word.group());
      column += word.group().length();
      first = false;
    }
    text.append(gapAfter ? "\r\n\r\n" : "\r\n");
  }
}
