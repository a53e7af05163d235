package org.posthorn.queue.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.Handling;
import org.posthorn.queue.Messages;
import org.posthorn.queue.QueueIndex;
import org.posthorn.queue.QueueIndexContract;
import org.posthorn.smtp.Priority;

class H2QueueIndexTest extends QueueIndexContract {
  @TempDir
  Path directory;

  @Override
  protected QueueIndex open() throws IOException {
    return H2QueueIndex.open(Files.createDirectories(directory.resolve("with = odd ä name")));
  }

  @RepeatedTest(10)
  void aPriorityThatIsAddedWhileOthersAskIsNotForgotten() throws IOException {
    try (var index = H2QueueIndex.open(Files.createDirectories(directory.resolve("asked")))) {
      var isOver = new AtomicBoolean();
      var readers = Stream.generate(() -> CompletableFuture.runAsync(() -> {
        while (!isOver.get()) {
          index.priorities();
        }
      })).limit(2).toList();
      for (int priority = -9; priority < 9; priority += 2) {
        index.apply(adding(priority));
        index.apply(adding(priority + 1));
        assertThat(index.priorities()).contains(priority, priority + 1);
      }
      isOver.set(true);
      readers.forEach(CompletableFuture::join);
      assertThat(index.priorities()).hasSize(18).contains(-9, -2, 0, 8);
    }
  }

  private static QueueIndex.Changes adding(int priority) {
    var plain = Messages.envelope("a@example.org", "x@a.example");
    return new QueueIndex.Changes(List.of(Messages.addition(Messages.id(20 + priority), NOW, NOW,
        plain.with(Handling.PLAIN.with(new Priority(priority))))),
        List.of(), List.of(), List.of());
  }
}
