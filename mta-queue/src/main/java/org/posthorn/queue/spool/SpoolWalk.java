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
import org.posthorn.queue.PlatformThreads;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.SpoolException;

/**
 * Looks at very many entries: several at a time, on the spool's own threads, those side by side that lie side by side on the
 * disk. No more than a few thousand results are in memory at once.
 */
final class SpoolWalk {
  private static final int CHUNK = 250;
  private static final int CHUNKS_UNDER_WAY = 24;

  private final SpoolLayout layout;
  private final Disk disk;
  private final PlatformThreads threads;

  SpoolWalk(SpoolLayout layout, Disk disk, PlatformThreads threads) {
    this.layout = layout;
    this.disk = disk;
    this.threads = threads;
  }

  /** Shows what {@code look} says of each entry that is {@code wanted} to {@code visitor}, on the calling thread. */
  <T> void forEach(Predicate<QueueId> wanted, Function<QueueId, T> look, Consumer<T> visitor) {
    var underWay = new ArrayDeque<Future<List<T>>>();
    try (var waiting = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var directory : layout.directories()) {
        var ids = ids(directory).stream().filter(wanted).sorted().toList();
        for (int from = 0; from < ids.size(); from += CHUNK) {
          var chunk = ids.subList(from, Math.min(from + CHUNK, ids.size()));
          underWay.addLast(waiting.submit(() -> threads.call(() -> chunk.stream().map(look).toList())));
          if (underWay.size() > CHUNKS_UNDER_WAY) {
            underWay.removeFirst().get().forEach(visitor);
          }
        }
      }
      while (!underWay.isEmpty()) {
        underWay.removeFirst().get().forEach(visitor);
      }
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
}
