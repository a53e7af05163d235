package org.posthorn.daemon.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.posthorn.daemon.config.Quantity;
import org.posthorn.queue.Destination;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Pause;
import org.posthorn.queue.QueueControl.Mode;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueEntry;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueId;
import org.posthorn.smtp.FieldCapture;

/** What is served under {@code /queue}. */
final class QueueRoutes {
  private static final int MAX_NAME = 500;
  private static final int MAX_TOP = 8192;
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final QueueControl queue;
  private final InstantSource clock;

  QueueRoutes(QueueControl queue, InstantSource clock) {
    this.queue = queue;
    this.clock = clock;
  }

  /** Answers; empty when there is nothing of this name. */
  Optional<AdminAnswer> answer(AdminRequest request) {
    return switch (request.method() + " " + request.path()) {
      case "GET /queue" -> Optional.of(list(filter(request)));
      case "GET /queue/destinations" ->
        Optional.of(Json.ok(queue.destinations().stream().map(DestinationView::of).toList()));
      case "POST /queue/retry" -> Optional.of(act(request, queue::retry));
      case "POST /queue/hold" -> Optional.of(act(request, queue::hold));
      case "POST /queue/release" -> Optional.of(act(request, queue::release));
      case "POST /queue/bounce" -> Optional.of(act(request, queue::bounce));
      case "POST /queue/delete" -> Optional.of(act(request, queue::delete));
      case "POST /queue/pause" -> Optional.of(pause(request));
      case "POST /queue/resume" -> Optional.of(resume(request));
      default -> request.method().equals("GET") ? message(request.path()) : Optional.empty();
    };
  }

  private Optional<AdminAnswer> message(String path) {
    String[] parts = path.split("/", -1);
    boolean isContent = parts.length == 4 && parts[3].equals("content");
    if (!parts[1].equals("queue") || !(parts.length == 3 || isContent)) {
      return Optional.empty();
    }
    var id = id(parts[2]);
    return Optional.of((isContent ? content(id) : details(id))
        .orElseGet(() -> Json.error(404, "no message " + id + " is in the queue")));
  }

  private Optional<AdminAnswer> details(QueueId id) {
    return queue.show(id).map(details -> Json.ok(MessageDetails.of(details, trace(id))));
  }

  /** Returns what we put on top of the message when it came (RFC 5321 §4.4), without the time. */
  private Optional<String> trace(QueueId id) {
    var top = queue.content(id).map(QueueRoutes::top).orElse(new byte[0]);
    if (!new String(top, StandardCharsets.ISO_8859_1).startsWith("Received:")) {
      return Optional.empty(); // a report of ours
    }
    var fields = new FieldCapture(Set.of("received"), MAX_TOP);
    fields.take(top, 0, top.length);
    return fields.values("received").stream().findFirst().map(QueueRoutes::withoutTime);
  }

  private static byte[] top(MessageContent content) {
    try (InputStream in = content.open()) {
      return in.readNBytes(MAX_TOP);
    } catch (IOException _) {
      return new byte[0]; // done meanwhile, or not to be read: the rest is worth showing all the same
    }
  }

  private static String withoutTime(String trace) {
    int time = trace.lastIndexOf(';');
    return (time < 0 ? trace : trace.substring(0, time)).replaceAll("\\s+", " ");
  }

  private Optional<AdminAnswer> content(QueueId id) {
    return queue.content(id).map(content -> new AdminAnswer.Streamed(AdminAnswer.MESSAGE, out -> {
      try (InputStream in = content.open()) {
        in.transferTo(out);
      }
    }));
  }

  private AdminAnswer list(QueueFilter filter) {
    return new AdminAnswer.Streamed(AdminAnswer.JSON_LINES, out -> {
      var lines = new Lines(out);
      try {
        queue.list(filter, lines::add);
        lines.end();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    });
  }

  /** Puts the recipients of a message on one line; they come one after the other. */
  private static final class Lines {
    private final OutputStream out;
    private final List<QueueEntry> message = new ArrayList<>();

    Lines(OutputStream out) {
      this.out = out;
    }

    void add(QueueEntry entry) {
      if (!message.isEmpty() && !message.getFirst().listing().id().equals(entry.listing().id())) {
        end();
      }
      message.add(entry);
    }

    void end() {
      if (!message.isEmpty()) {
        try {
          out.write(Json.line(MessageView.of(message)));
          out.write('\n');
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        message.clear();
      }
    }
  }

  private interface Action {
    long run(QueueFilter filter, Mode mode);
  }

  private AdminAnswer act(AdminRequest request, Action action) {
    var filter = filter(request);
    if (filter.equals(QueueFilter.ALL) && !isTrue(request, "all")) {
      throw new BadRequest("that means every message in the queue: name ids or a filter, or say --all");
    }
    var missing = filter.ids().stream().filter(id -> !queue.has(id)).map(QueueId::value).toList();
    return Json.ok(new Changed(action.run(filter, isTrue(request, "dry-run") ? Mode.DRY_RUN : Mode.ACT), missing));
  }

  private AdminAnswer pause(AdminRequest request) {
    var destination = destination(request);
    Optional<Instant> until = request.one("for").map(QueueRoutes::duration).map(length -> clock.instant().plus(length));
    boolean isKnown = queue.destinations().stream().anyMatch(site -> site.destination().equals(destination));
    queue.pause(destination, new Pause(request.one("reason").orElse("paused by the operator"), until));
    return Json.ok(Map.of("done", true, "known", isKnown));
  }

  private AdminAnswer resume(AdminRequest request) {
    queue.resume(destination(request));
    return Json.ok(Map.of("done", true));
  }

  private static Destination destination(AdminRequest request) {
    return new Destination(request.one("destination")
        .filter(name -> !name.isBlank() && name.length() <= MAX_NAME)
        .orElseThrow(() -> new BadRequest("which destination?")));
  }

  private QueueFilter filter(AdminRequest request) {
    var ids = request.all("id").stream().map(QueueRoutes::id).toList();
    var age = request.one("age").map(QueueRoutes::duration);
    return new QueueFilter(ids, request.one("sender"), request.one("recipient"), request.one("domain"),
        age.map(length -> clock.instant().minus(length)), request.one("held").map(Boolean::valueOf),
        isTrue(request, "scheduled") ? Optional.of(clock.instant()) : Optional.empty());
  }

  private static boolean isTrue(AdminRequest request, String name) {
    return request.one(name).map("true"::equals).orElse(false);
  }

  private static QueueId id(String text) {
    if (!QueueId.isValid(text)) {
      throw new BadRequest("not a queue id: \"" + text + "\" (they have 16 letters and digits)");
    }
    return new QueueId(text);
  }

  private static Duration duration(String text) {
    return Quantity.duration(text)
        .filter(length -> length.compareTo(LONGEST) <= 0)
        .orElseThrow(() -> new BadRequest("not a duration: \"" + text + "\" (such as 30m, 4h or 2d)"));
  }
}
