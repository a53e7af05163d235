package org.posthorn.daemon.tracking;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import org.posthorn.smtp.Printable;

/** The answer to TRACK: {@code multipart/related} with a {@code message/tracking-status} for each message (RFC 3886 §3). */
final class TrackReport {
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.US);
  private static final String BOUNDARY = "=_posthorn_tracking";
  private static final int MAX_CHARS = 900; // RFC 3887 §2.3: lines of 998

  private TrackReport() {}

  /** Returns its lines, CRLF behind each. */
  static String of(List<Track> tracks, String hostname) {
    var text = new StringBuilder("Content-Type: multipart/related; boundary=\"" + BOUNDARY
        + "\"; type=\"message/tracking-status\"\r\n\r\n");
    for (var track : tracks) {
      text.append("--").append(BOUNDARY).append("\r\nContent-Type: message/tracking-status\r\n\r\n");
      append(text, track, hostname);
      text.append("\r\n");
    }
    return text.append("--").append(BOUNDARY).append("--\r\n").toString();
  }

  private static void append(StringBuilder text, Track track, String hostname) {
    field(text, "Original-Envelope-Id", track.envelopeId());
    field(text, "Reporting-MTA", "dns; " + hostname);
    field(text, "Arrival-Date", date(track.arrival()));
    var expanded = new LinkedHashSet<String>();
    for (var recipient : track.recipients()) {
      if (!recipient.isExpanded()) {
        text.append("\r\n");
        append(text, recipient);
      } else if (expanded.add(recipient.original())) {
        // RFC 3886 §4.2: nobody learns who is on a list.
        text.append("\r\n");
        addresses(text, recipient.original(), recipient.original());
        field(text, "Action", "expanded");
        field(text, "Status", "2.1.5");
        field(text, "Last-Attempt-Date", date(track.arrival()));
      }
    }
  }

  private static void append(StringBuilder text, Track.Destiny recipient) {
    addresses(text, recipient.original(), "rfc822; " + recipient.address());
    if (recipient.last().isEmpty()) {
      field(text, "Action", "delayed"); // it is here
      field(text, "Status", "4.0.0");
      return;
    }
    var last = recipient.last().get();
    field(text, "Action", last.action().name().toLowerCase(Locale.ROOT));
    field(text, "Status", switch (last.action()) {
      case RELAYED -> "2.1.9"; // RFC 3886 §3.3.4
      case DELIVERED, TRANSFERRED, DELAYED, FAILED -> last.status();
    });
    last.remote().ifPresent(remote -> field(text, "Remote-MTA", "dns; " + remote));
    field(text, "Last-Attempt-Date", date(last.at()));
    last.retryUntil().ifPresent(until -> field(text, "Will-Retry-Until", date(until)));
  }

  private static void addresses(StringBuilder text, String original, String last) {
    field(text, "Original-Recipient", original);
    field(text, "Final-Recipient", last);
  }

  private static void field(StringBuilder text, String name, String value) {
    var line = name + ": " + Printable.of(value);
    text.append(line, 0, Math.min(line.length(), MAX_CHARS)).append("\r\n");
  }

  private static String date(Instant at) {
    return DATE.format(at.atOffset(ZoneOffset.UTC));
  }
}
