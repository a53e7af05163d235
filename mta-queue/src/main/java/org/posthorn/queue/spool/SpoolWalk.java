package org.posthorn.queue.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.SpoolException;

/**
 * Looks at very many entries: several at a time, on the spool's own threads, those side by side that lie side by side on the
 * disk. No more than a few thousand results are in memory at once, and fewer when those seen last are heavy.
 */
final class SpoolWalk {
  private static final int CHUNK = 50;
  private static final int CHUNKS_UNDER_WAY = 120;
  /** Until it is known how heavy they are. */
  private static final int FIRST_CHUNKS_UNDER_WAY = 8;
  /** What all chunks under way may weigh together, were all as heavy as the heaviest of late. */
  private static final int MOST_WEIGHT = 20_000;

  private final SpoolLayout layout;
  private final Disk disk;
  private final PlatformThreads threads;

  SpoolWalk(SpoolLayout layout, Disk disk, PlatformThreads threads) {
    this.layout = layout;
    this.disk = disk;
    this.threads = threads;
  }

  /**
   * Shows what {@code look} says of each entry that is {@code wanted} to {@code visitor}, on the calling thread; {@code weight}
   * tells how much memory one result takes, in recipients of a message.
   */
  <T> void forEach(Predicate<QueueId> wanted, Function<QueueId, T> look, ToIntFunction<T> weight, Consumer<T> visitor) {
    try (var waiting = Executors.newVirtualThreadPerTaskExecutor()) {
      var underWay = new UnderWay<T>(weight, visitor);
      for (var directory : layout.directories()) {
        var ids = ids(directory).stream().filter(wanted).sorted().toList();
        for (int from = 0; from < ids.size(); from += CHUNK) {
          var chunk = ids.subList(from, Math.min(from + CHUNK, ids.size()));
          underWay.add(waiting.submit(() -> threads.call(() -> chunk.stream().map(look).toList())));
        }
      }
      underWay.end();
    } catch (ExecutionException e) {
      throw new SpoolException("cannot look at the entries", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SpoolException("interrupted", e);
    }
  }

  /** Returns the ids of the entries in one directory, in no order. */
  List<QueueId> ids(Path directory) {
    try {
      return disk.list(directory).stream().flatMap(name -> SpoolLayout.idOf(name).stream()).toList();
    } catch (IOException e) {
      throw new SpoolException("cannot list " + directory, e);
    }
  }

  /** Chunks that are being looked at, in order; as many of them as may be in memory with all that comes of them. */
  private static final class UnderWay<T> {
    private final ArrayDeque<Future<List<T>>> chunks = new ArrayDeque<>();
    private final ToIntFunction<T> weight;
    private final Consumer<T> visitor;
    private int heaviest = 1;
    private int most = FIRST_CHUNKS_UNDER_WAY;

    UnderWay(ToIntFunction<T> weight, Consumer<T> visitor) {
      this.weight = weight;
      this.visitor = visitor;
    }

    void add(Future<List<T>> chunk) throws ExecutionException, InterruptedException {
      chunks.addLast(chunk);
      while (chunks.size() > most) {
        showFirst();
      }
    }

    void end() throws ExecutionException, InterruptedException {
      while (!chunks.isEmpty()) {
        showFirst();
      }
    }

    private void showFirst() throws ExecutionException, InterruptedException {
      var results = chunks.removeFirst().get();
      heaviest = Math.max(results.stream().mapToInt(weight).sum(), heaviest - heaviest / 8);
      most = Math.clamp(MOST_WEIGHT / Math.max(1, heaviest), 1, CHUNKS_UNDER_WAY);
      results.forEach(visitor);
    }
  }
}
