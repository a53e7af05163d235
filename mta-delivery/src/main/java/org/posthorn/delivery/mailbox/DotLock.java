package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The file {@code <mailbox>.lock}, by which mail programs of Unix keep each other off an mbox file while it exists. */
final class DotLock implements AutoCloseable {
  /** A lock this old was left by a program that died: nobody holds one for minutes. Postfix's default too. */
  static final Duration STALE_AFTER = Duration.ofSeconds(500);

  private final Path lock;

  private DotLock(Path lock) {
    this.lock = lock;
  }

  /** Locks {@code mailbox}; empty when another program holds the lock. A stale one is taken over. */
  static Optional<DotLock> tryAcquire(Path mailbox, Instant now) throws IOException {
    Path lock = mailbox.resolveSibling(mailbox.getFileName() + ".lock");
    if (!create(lock) && !(removeStale(lock, now) && create(lock))) {
      return Optional.empty();
    }
    return Optional.of(new DotLock(lock));
  }

  private static boolean create(Path lock) throws IOException {
    try (var _ = Folders.create(lock)) { // empty, so that a full disk leaves no lock that nobody holds
      return true;
    } catch (FileAlreadyExistsException _) {
      return false;
    }
  }

  private static boolean removeStale(Path lock, Instant now) throws IOException {
    try {
      boolean stale = Files.getLastModifiedTime(lock).toInstant().plus(STALE_AFTER).isBefore(now);
      return stale && Files.deleteIfExists(lock);
    } catch (NoSuchFileException _) {
      return true; // let go meanwhile
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(lock);
  }
}
