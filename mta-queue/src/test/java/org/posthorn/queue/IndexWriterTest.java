package org.posthorn.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.posthorn.queue.Messages.envelope;
import static org.posthorn.queue.Messages.id;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.posthorn.queue.QueueIndex.Changes;
import org.posthorn.queue.QueueIndex.Deferral;
import org.posthorn.queue.QueueIndex.Finish;
import org.posthorn.queue.QueueIndex.Listing;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class IndexWriterTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(300);
  private static final Duration LONG = Duration.ofHours(1);
  private static final RecipientNumber FIRST = new RecipientNumber(0);

  private final InMemoryQueueIndex index = new InMemoryQueueIndex();
  private final AtomicInteger applied = new AtomicInteger();
  private IndexWriter writer = new IndexWriter(index, LONG, Duration.ofMillis(1));

  @AfterEach
  void close() {
    index.fail(false);
    writer.close();
  }

  @Test
  void writesWhatCameTogetherAsOneBatch() {
    IntStream.range(0, 100).forEach(this::add);
    write(deferral(7));
    assertThat(index.batches()).isZero();

    writer.flush();

    assertThat(index.batches()).isEqualTo(1);
    assertThat(index.all()).hasSize(100);
    assertThat(index.all().get(7).due()).isEqualTo(LATER);
    assertThat(applied).hasValue(101);
  }

  @Test
  void writesByItselfAfterAShortWhile() throws InterruptedException {
    var quick = new IndexWriter(index, Duration.ofMillis(1), Duration.ofMillis(1));
    var done = new CountDownLatch(1);
    quick.write(addition(1), done::countDown);

    done.await();
    quick.close();

    assertThat(index.all()).hasSize(1);
  }

  @Test
  void neverWritesWhatIsRemovedBefore() {
    add(1);
    write(deferral(1));
    write(removal(1));
    writer.flush();

    assertThat(index.all()).isEmpty();
    assertThat(index.additions()).isZero();
    assertThat(applied).hasValue(3);
  }

  @Test
  void keepsTheOrderOfWhatHappensToAMessage() {
    add(1);
    write(removal(1));
    add(1);
    write(deferral(1));
    write(
        new Changes(List.of(Messages.addition(id(1), NOW, NOW, envelope("s@s.example", "x@a.example", "y@b.example"))),
            List.of(), List.of(), List.of()));
    write(new Changes(List.of(), List.of(), List.of(new Finish(id(1), FIRST)), List.of()));
    writer.flush();

    assertThat(index.all()).extracting(Listing::recipient).containsExactly(new RecipientNumber(1));
    assertThat(index.batches()).isEqualTo(3);
  }

  @Test
  void keepsChangesWhileTheIndexFailsAndWritesThemWhenItWorksAgain() {
    index.fail(true);
    add(1);
    assertThatThrownBy(writer::flush).isInstanceOf(StoreException.class);
    write(deferral(1));
    assertThatThrownBy(writer::flush).isInstanceOf(StoreException.class);
    assertThat(applied).hasValue(0);

    index.fail(false);
    writer.flush();

    assertThat(index.all()).extracting(Listing::due).containsExactly(LATER);
    assertThat(applied).hasValue(2);
  }

  @Test
  void triesAgainAtOnceWhenAskedHoweverOften() {
    var slow = new IndexWriter(index, LONG, LONG);
    index.fail(true);
    slow.write(addition(1), () -> {});
    assertThatThrownBy(slow::flush).isInstanceOf(StoreException.class);
    assertThatThrownBy(slow::flush).isInstanceOf(StoreException.class);
    index.fail(false);
    slow.close();
    assertThat(index.all()).hasSize(1);
  }

  @Test
  void triesAgainByItself() throws InterruptedException {
    var quick = new IndexWriter(index, Duration.ZERO, Duration.ofMillis(1));
    var done = new CountDownLatch(1);
    index.fail(true);
    quick.write(addition(1), done::countDown);
    assertThatThrownBy(quick::flush).isInstanceOf(StoreException.class);

    index.fail(false);
    done.await();
    quick.close();

    assertThat(index.all()).hasSize(1);
  }

  @Test
  void writesWhatIsLeftWhenItIsClosed() {
    add(1);
    writer.close();

    assertThat(index.all()).hasSize(1);
    add(2);
    assertThat(index.all()).hasSize(1);
  }

  @Test
  void saysWhenItCouldNotWriteWhatWasLeft() {
    index.fail(true);
    add(1);

    assertThatThrownBy(writer::close).isInstanceOf(StoreException.class);
    writer = new IndexWriter(index);
  }

  @Test
  void survivesABugOfWhoWaits() {
    writer.write(addition(1), () -> {
      throw new IllegalStateException("a bug, as the test wants it");
    });
    add(2);
    writer.flush();

    assertThat(index.all()).hasSize(2);
    assertThat(applied).hasValue(1);
  }

  @Test
  void saysHowManyChangesWait() {
    index.fail(true);
    write(
        new Changes(List.of(Messages.addition(id(1), NOW, NOW, envelope("s@s.example", "x@a.example", "y@b.example"))),
            List.of(), List.of(), List.of()));
    write(deferral(1));
    assertThatThrownBy(writer::flush).isInstanceOf(StoreException.class);
    assertThat(writer.backlog()).isEqualTo(3);

    index.fail(false);
    writer.flush();

    assertThat(writer.backlog()).isZero();
  }

  @Test
  void slowsDownWhoeverBringsMoreThanTheIndexCanTake() {
    IntStream.range(0, 100).forEach(this::add);

    writer.awaitBacklog(100, LONG);
    assertThat(index.batches()).isZero();
    writer.awaitBacklog(99, LONG);
    assertThat(writer.backlog()).isLessThan(100);
    assertThat(index.all()).hasSize(100);
  }

  @Test
  void keepsNobodyWaitingForAnIndexThatFails() {
    index.fail(true);
    add(1);

    writer.awaitBacklog(0, LONG);

    assertThat(writer.backlog()).isOne();
  }

  @Test
  void keepsNobodyWaitingAfterAnErrorThatEndsIt() {
    writer.write(addition(1), () -> {
      throw new LinkageError("as the test wants it");
    });

    assertThatThrownBy(writer::flush).isInstanceOf(StoreException.class);
    assertThat(writer.backlog()).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(writer::close).isInstanceOf(StoreException.class);
    writer = new IndexWriter(index);
  }

  private void add(int number) {
    write(addition(number));
  }

  private void write(Changes changes) {
    writer.write(changes, applied::incrementAndGet);
  }

  private static Changes addition(int number) {
    return new Changes(List.of(Messages.addition(id(number), NOW, NOW, envelope("s@s.example", "x@a.example"))),
        List.of(), List.of(), List.of());
  }

  private static Changes deferral(int number) {
    return new Changes(List.of(), List.of(new Deferral(id(number), FIRST, LATER, 1, "450 later")), List.of(),
        List.of());
  }

  private static Changes removal(int number) {
    return new Changes(List.of(), List.of(), List.of(), List.of(id(number)));
  }
}
