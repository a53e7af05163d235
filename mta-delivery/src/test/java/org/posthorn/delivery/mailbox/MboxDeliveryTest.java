package org.posthorn.delivery.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.mailbox.LocalMail.task;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.delivery.mailbox.MailboxSettings.Format;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;

class MboxDeliveryTest {
  private static final String FROM_LINE = "From ann@sender.example Sun Nov 22 08:15:30 2026\n";
  private static final String TRACE = """
                                      Return-Path: <ann@sender.example>
                                      Delivered-To: alice@example.org
                                      """;
  private static final String MESSAGE = "Subject: hi\n\nbody\n";

  @TempDir
  private Path folder;
  private MailboxDelivery delivery;

  @BeforeEach
  void openMailboxes() {
    delivery = open(() -> LocalMail.NOW, Duration.ZERO);
  }

  private MailboxDelivery open(InstantSource clock, Duration lockPatience) {
    return open(clock, lockPatience, Thread.ofPlatform().daemon().factory());
  }

  private MailboxDelivery open(InstantSource clock, Duration lockPatience, ThreadFactory threads) {
    var settings = new MailboxSettings(Format.MBOX, folder + "/mail/{user}", Optional.empty());
    return new MailboxDelivery(settings, (_, _) -> true, new UniqueNames("host", clock, new Random(1)), clock,
        lockPatience, threads);
  }

  @AfterEach
  void closeMailboxes() {
    delivery.close();
  }

  @Test
  void appendsMessageAfterMessage() throws Exception {
    deliver(task(MESSAGE, "alice"));
    deliver(task("Subject: second\n\n", "alice"));

    assertThat(mbox()).isEqualTo(FROM_LINE + TRACE + MESSAGE + "\n" + FROM_LINE + TRACE + "Subject: second\n\n\n");
    assertThat(folder.resolve("mail")).isDirectoryContaining(file -> file.endsWith("alice"))
        .isDirectoryNotContaining("glob:**.lock");
  }

  @Test
  void quotesLinesThatLookLikeTheStartOfAMessage() throws Exception {
    deliver(task("Subject: x\n\nFrom me\n>From you\n>>From them\n>Fro\nFrom\n> From\nx From y\n>>>\nFrom ", "alice"));

    assertThat(mbox()).isEqualTo(FROM_LINE + TRACE
        + "Subject: x\n\n>From me\n>>From you\n>>>From them\n>Fro\nFrom\n> From\nx From y\n>>>\n>From \n\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "\"x", "a  b c"})
  void keepsTheSenderOneWord(String localPart) throws Exception {
    var sender = ReversePath.of(new Mailbox(localPart, Domain.of("x.example")));
    deliver(task(LocalMail.content(MESSAGE), sender, LocalMail.at("alice")));

    assertThat(mbox().lines().findFirst().orElseThrow().split(" ", -1)).hasSize(7);
  }

  @Test
  void callsTheNullSenderMailerDaemon() throws Exception {
    deliver(task(LocalMail.content(MESSAGE), ReversePath.NULL, LocalMail.at("alice")));

    assertThat(mbox()).startsWith("From MAILER-DAEMON Sun Nov 22 ");
  }

  @Test
  void beginsANewLineBehindHalfAMessage() throws Exception {
    Files.createDirectories(folder.resolve("mail"));
    Files.writeString(file(), "From x\nhalf a li");
    deliver(task(MESSAGE, "alice"));

    assertThat(mbox()).startsWith("From x\nhalf a li\n" + FROM_LINE);
  }

  @Test
  void cutsTheFileBackWhenTheContentBreaksOff() throws Exception {
    deliver(task(MESSAGE, "alice"));
    String before = mbox();
    var outcome = deliver(task(broken(), LocalMail.SENDER, LocalMail.at("alice")));

    assertThat(outcome).isInstanceOf(Outcome.Deferred.class);
    assertThat(outcome.diagnostic().text()).isEqualTo("the message could not be read from our spool");
    assertThat(mbox()).isEqualTo(before);
  }

  @Test
  void deliversOnceThoughTheMailboxCannotBeUnlocked() throws Exception {
    var text = LocalMail.content(MESSAGE);
    var content = new MessageContent() {
      @Override
      public long size() {
        return text.size();
      }

      @Override
      public InputStream open() throws IOException {
        Files.delete(lock());
        Files.createDirectories(lock().resolve("in the way"));
        return text.open();
      }
    };

    assertThat(deliver(task(content, LocalMail.SENDER, LocalMail.at("alice")))).isInstanceOf(Outcome.Delivered.class);
    assertThat(mbox()).isEqualTo(FROM_LINE + TRACE + MESSAGE + "\n");
  }

  @Test
  void defersOnAFullDisk() throws Exception {
    var full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "this system has no /dev/full");
    Files.createDirectories(folder.resolve("mail"));
    Files.createSymbolicLink(file(), full);

    assertThat(deliver(task(MESSAGE, "alice")).diagnostic().status()).hasToString("4.3.1");
    assertThat(lock()).doesNotExist();
  }

  @Test
  void defersWhileAnotherProgramHoldsTheDotLock() throws Exception {
    Files.createDirectories(folder.resolve("mail"));
    Files.writeString(lock(), "1\n");
    Files.setLastModifiedTime(lock(), FileTime.from(LocalMail.NOW.minus(DotLock.STALE_AFTER)));

    var outcome = deliver(task(MESSAGE, "alice"));

    assertThat(outcome).isInstanceOf(Outcome.Deferred.class);
    assertThat(outcome.diagnostic().status()).hasToString("4.2.0");
    assertThat(file()).doesNotExist();
    assertThat(lock()).hasContent("1");
  }

  @Test
  @Timeout(120)
  void aLockedMailboxKeepsOnlyAFewLanesByWhateverAddress() throws Exception {
    Files.createDirectories(folder.resolve("mail"));
    Files.writeString(lock(), "1\n");
    Files.setLastModifiedTime(lock(), FileTime.from(LocalMail.NOW.plus(Duration.ofDays(1))));
    var seconds = new AtomicInteger();
    InstantSource clock = () -> LocalMail.NOW.plusSeconds(seconds.getAndIncrement());
    try (var patient = open(clock, Duration.ofHours(1)); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var ended = new ExecutorCompletionService<Outcome>(threads);
      var names = List.of("alice", "Alice", "aLice", "alIce", "aliCe");
      names.forEach(name -> ended.submit(() -> deliver(patient, task(MESSAGE, name))));
      for (int i = LockWaits.PATIENT_LANES; i < names.size(); i++) {
        assertThat(ended.take().get().diagnostic().status()).hasToString("4.2.0");
      }
      assertThat(deliver(patient, task(MESSAGE, "bob"))).isInstanceOf(Outcome.Delivered.class);

      Files.delete(lock());
      for (int i = 0; i < LockWaits.PATIENT_LANES; i++) {
        assertThat(ended.take().get()).isInstanceOf(Outcome.Delivered.class);
      }
    }
  }

  @Test
  void aMailboxThatHangsLeavesTheThreadsToOthers() throws Exception {
    var hangs = new CountDownLatch(1);
    var begun = new CountDownLatch(1);
    var text = LocalMail.content(MESSAGE);
    var slow = new MessageContent() {
      @Override
      public long size() {
        return text.size();
      }

      @Override
      public InputStream open() throws IOException {
        begun.countDown();
        await(hangs);
        return text.open();
      }
    };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        var first = threads.submit(() -> deliver(task(slow, LocalMail.SENDER, LocalMail.at("alice"))));
        begun.await();
        for (int i = 0; i < 20; i++) { // more than there are threads
          var next = threads.submit(() -> deliver(task(MESSAGE, "alice")));
          assertThat(next.get(60, TimeUnit.SECONDS).diagnostic().status()).hasToString("4.2.0");
        }
        // One of 256 users shares the turn of alice.
        assertThat(
            List.of(deliver(task(MESSAGE, "bob")), deliver(task(MESSAGE, "carol")), deliver(task(MESSAGE, "dan"))))
            .hasAtLeastOneElementOfType(Outcome.Delivered.class);
        hangs.countDown();
        assertThat(first.get()).isInstanceOf(Outcome.Delivered.class);
      } finally {
        hangs.countDown();
      }
    }
  }

  private static void await(CountDownLatch latch) throws InterruptedIOException {
    try {
      latch.await();
    } catch (InterruptedException _) {
      throw new InterruptedIOException();
    }
  }

  @Test
  void takesOverAStaleDotLock() throws Exception {
    Files.createDirectories(folder.resolve("mail"));
    Files.writeString(lock(), "1\n");
    Files.setLastModifiedTime(lock(), FileTime.from(LocalMail.NOW.minus(DotLock.STALE_AFTER).minusSeconds(1)));

    assertThat(deliver(task(MESSAGE, "alice"))).isInstanceOf(Outcome.Delivered.class);
    assertThat(lock()).doesNotExist();
  }

  @Test
  void keepsConcurrentDeliveriesApart() throws Exception {
    String long1 = "Subject: x\n\n" + "line\n".repeat(20_000);
    try (var patient = open(() -> LocalMail.NOW, Duration.ofMinutes(1));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var deliveries = Stream.<Callable<Outcome>>generate(() -> () -> deliver(patient, task(long1, "alice")))
          .limit(20)
          .toList();
      for (var outcome : threads.invokeAll(deliveries)) {
        assertThat(outcome.get()).isInstanceOf(Outcome.Delivered.class);
      }
    }
    assertThat(List.of(Pattern.compile("^From .*\n", Pattern.MULTILINE).split(mbox(), -1))).hasSize(21)
        .allSatisfy(message -> assertThat(message.isEmpty() || message.equals(TRACE + long1 + "\n")).isTrue());
  }

  @Test
  void keepsDeliveriesApartOfUsersWhoShareAFile() throws Exception {
    deliver(task(MESSAGE, "alice"));
    var users = IntStream.range(0, 10).mapToObj(n -> "user" + n).toList();
    for (var user : users) {
      Files.createSymbolicLink(folder.resolve("mail").resolve(user), file());
    }
    String text = "Subject: x\n\n" + "line\n".repeat(20_000);
    try (var patient = open(() -> LocalMail.NOW, Duration.ofMinutes(1));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var deliveries = users.stream().<Callable<Outcome>>map(user -> () -> deliver(patient, task(text, user))).toList();
      for (var outcome : threads.invokeAll(deliveries)) {
        assertThat(outcome.get()).isInstanceOf(Outcome.Delivered.class);
      }
    }
    assertThat(Pattern.compile(Pattern.quote(text) + "\n(From |\\z)").matcher(mbox()).results()).hasSize(users.size());
  }

  @Test
  void whatIsStoredCountsThoughTheSystemHasNoThreadForTheRest() throws Exception {
    var threads = new AtomicInteger();
    try (var few = open(() -> LocalMail.NOW, Duration.ZERO, work -> {
      if (threads.incrementAndGet() > 1) {
        throw new OutOfMemoryError("unable to create native thread");
      }
      return new Thread(work);
    }); var lane = few.open()) {
      var outcomes = lane.deliver(task(MESSAGE, "alice", "bob")).outcomes();
      assertThat(outcomes.get(new RecipientNumber(0))).isInstanceOf(Outcome.Delivered.class);
      assertThat(outcomes.get(new RecipientNumber(1))).isInstanceOf(Outcome.Deferred.class);
    }
  }

  private Outcome deliver(DeliveryTask task) throws InterruptedException {
    return deliver(delivery, task);
  }

  private static Outcome deliver(MailboxDelivery delivery, DeliveryTask task) throws InterruptedException {
    try (var lane = delivery.open()) {
      return lane.deliver(task).outcomes().values().iterator().next();
    }
  }

  private Path file() {
    return folder.resolve("mail/alice");
  }

  private Path lock() {
    return folder.resolve("mail/alice.lock");
  }

  private String mbox() throws IOException {
    return Files.readString(file(), StandardCharsets.ISO_8859_1);
  }

  private static MessageContent broken() {
    return new MessageContent() {
      @Override
      public long size() {
        return 100;
      }

      @Override
      public InputStream open() {
        return new SequenceInputStream(
            new ByteArrayInputStream(MESSAGE.repeat(9000).getBytes(StandardCharsets.US_ASCII)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("broken");
              }

              @Override
              public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("broken");
              }
            });
      }
    };
  }
}
