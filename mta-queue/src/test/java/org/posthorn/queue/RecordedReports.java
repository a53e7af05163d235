package org.posthorn.queue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.posthorn.smtp.BodyType;

/** Writes DSNs that say nothing, and remembers what they were about. */
public final class RecordedReports implements Reports {
  private final List<Report> reports = new ArrayList<>();

  @Override
  public synchronized Dsn compose(Report report) {
    reports.add(report);
    return new Dsn(report.message().envelope().from().mailbox().stream().toList(),
        "Subject: report\r\n\r\n".getBytes(StandardCharsets.US_ASCII), BodyType.SEVEN_BIT, false);
  }

  /** Returns all reports, in order. */
  public synchronized List<Report> all() {
    return List.copyOf(reports);
  }

  /** Returns what all lines of all reports say: number, action. */
  public synchronized List<String> lines() {
    return reports.stream()
        .flatMap(report -> report.lines().stream())
        .map(line -> line.recipient().value() + " " + line.action())
        .toList();
  }
}
