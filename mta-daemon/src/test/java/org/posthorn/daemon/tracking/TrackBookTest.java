package org.posthorn.daemon.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.DsnRequest;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.Fate;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Messages;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;
import org.posthorn.smtp.Tracking;
import org.posthorn.testkit.SettableClock;

class TrackBookTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final byte[] SECRET = "abcdefgh".getBytes(StandardCharsets.US_ASCII);
  private static final String CERTIFIER = "QlrxKgdDUCsyLpOgFbz4aOMk1Wo";

  @TempDir
  private Path directory;
  private final SettableClock clock = new SettableClock(NOW);

  private TrackBook book(Executor sweeper) {
    return new TrackBook(directory.resolve("tracking"), () -> 10, clock, sweeper);
  }

  private static QueuedMessage message(int id, String envelopeId, int recipients) {
    var plain = Handling.PLAIN;
    var handling = new Handling(plain.deadline(), plain.release(), plain.priority(), plain.tls(), List.of(),
        Optional.of(new Tracking(CERTIFIER, Optional.of(Duration.ofDays(2)))), plain.submitter());
    var everybody = Collections.nCopies(recipients, Recipient.of(Mailbox.of("somebody@a.example")));
    var envelope = new Envelope(ReversePath.of(Mailbox.of("a@h.example")), everybody, BodyType.SEVEN_BIT, false,
        new DsnRequest(Optional.empty(), Optional.of(envelopeId)), "local", handling);
    return new QueuedMessage(new QueueId("%016d".formatted(id)), NOW, envelope, 10);
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(directory.resolve("tracking"))) {
      return files.toList();
    }
  }

  @Test
  void doesNotThrowWhateverFails() throws IOException {
    var book = book(_ -> {
      throw new OutOfMemoryError("unable to create native thread");
    });
    book.begin(message(1, "1@h.example", 1));
    book.begin(message(2, "2@h.example", 1));
    assertThat(book.find("2@h.example", SECRET)).hasSize(1);
  }

  @Test
  void doesNotTakeMoreOfOneNameThanAFileHolds() throws IOException {
    var book = book(Runnable::run);
    for (int i = 1; i <= 60; i++) {
      book.begin(message(i, "1@h.example", 500));
    }
    assertThat(files()).singleElement().satisfies(file -> assertThat(Files.size(file)).isLessThan(1_200_000));
  }

  @Test
  void letsNobodyWaitForTheSweep() throws IOException {
    var waiting = new ArrayList<Runnable>();
    var book = book(waiting::add);
    var done = message(1, "1@h.example", 1);
    book.begin(done);
    book.note(done, new RecipientNumber(0), delivered());
    clock.advance(Duration.ofDays(3));
    book.begin(message(2, "2@h.example", 1));
    assertThat(files()).hasSize(2);
    waiting.forEach(Runnable::run);
    assertThat(files()).hasSize(1);
  }

  private static Fate delivered() {
    return new Fate(Fate.Action.DELIVERED, new Diagnostic(EnhancedStatus.of("2.0.0"), "x", true, Optional.empty()), NOW,
        Optional.empty());
  }

  @Test
  void mailThatNobodyTracksWaitsForNoOther() throws InterruptedException {
    var book = book(Runnable::run);
    var plain = new QueuedMessage(new QueueId("%016d".formatted(1)), NOW,
        Messages.envelope("a@h.example", "b@a.example"), 10);
    var other = Thread.ofPlatform().unstarted(() -> {
      book.begin(plain);
      book.note(plain, new RecipientNumber(0), delivered());
    });
    synchronized (book) { // as one that writes to a slow disk
      other.start();
      assertThat(other.join(Duration.ofSeconds(30))).isTrue();
    }
  }

  @Test
  void letsNobodyElseLookIn() throws IOException {
    book(Runnable::run).begin(message(1, "1@h.example", 1));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("tracking"))))
        .isEqualTo("rwx------");
  }

  @Test
  void goesOnBehindAFileThatCannotBeRead() throws IOException {
    Files.createDirectories(directory.resolve("tracking/0.track"));
    var book = book(Runnable::run);
    book.begin(message(1, "1@h.example", 1));
    assertThat(book.find("1@h.example", SECRET)).hasSize(1);
  }
}
