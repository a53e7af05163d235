package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.posthorn.smtp.ReversePath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mailbox in one file, in the mboxrd variant: each message begins with a line {@code From sender date} and ends with an
 * empty line. It is locked by {@code fcntl} and by a dot lock while a message is appended, and cut back to its old length
 * when that fails.
 */
final class MboxFile implements MailStore {
  private static final Logger log = LoggerFactory.getLogger(MboxFile.class);
  /** The date as asctime writes it, in UTC. */
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
      .withZone(ZoneOffset.UTC);

  private final Path path;
  private final InstantSource clock;
  private final Lock turn;
  private final Duration patience;

  /**
   * The mailbox in the file {@code path}, which need not exist yet. Deliveries of this process wait for each other by
   * {@code turn}, because locks of files only keep other processes off, and for at most {@code patience}: a file system that
   * hangs must not have all threads.
   */
  MboxFile(Path path, InstantSource clock, Lock turn, Duration patience) {
    this.path = path;
    this.clock = clock;
    this.turn = turn;
    this.patience = patience;
  }

  @Override
  public Result store(LocalCopy copy) throws IOException {
    if (!isMyTurn()) {
      return Result.LOCKED;
    }
    try {
      return inTurn(copy);
    } finally {
      turn.unlock();
    }
  }

  private boolean isMyTurn() {
    try {
      return turn.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Result inTurn(LocalCopy copy) throws IOException {
    try {
      return locked(copy);
    } catch (NoSuchFileException e) {
      if (Files.isDirectory(folder())) {
        throw e; // something else is missing, such as the content
      }
      Folders.make(folder());
      return locked(copy);
    }
  }

  private Result locked(LocalCopy copy) throws IOException {
    var dotLock = DotLock.tryAcquire(path, clock.instant());
    if (dotLock.isEmpty()) {
      return Result.LOCKED;
    }
    var result = Result.LOCKED;
    try (var _ = dotLock.get(); var file = Folders.openOrCreate(path); var lock = file.tryLock()) {
      if (lock != null) {
        append(copy, file);
        result = Result.STORED;
      }
    } catch (IOException e) {
      if (result != Result.STORED) {
        throw e;
      }
      log.atWarn().addKeyValue("file", path).setCause(e).log("cannot unlock a mailbox"); // but the message is in it
    }
    return result;
  }

  private void append(LocalCopy copy, FileChannel file) throws IOException {
    long oldLength = file.size();
    try (var content = copy.open()) {
      var out = new FileOutput(file);
      if (oldLength > 0 && !endsLine(file, oldLength)) {
        out.put('\n'); // another program died while it wrote: its half message must not swallow ours
      }
      file.position(oldLength);
      out.put(fromLine(copy.from()));
      out.put(copy.trace());
      new StoredForm(new FromQuoting(out::put)).copy(content);
      out.put('\n');
      out.flush();
      file.force(true);
      if (oldLength == 0) {
        Folders.sync(folder());
      }
    } catch (IOException | RuntimeException e) {
      cutBack(file, oldLength, e);
      throw e;
    }
  }

  private static boolean endsLine(FileChannel file, long length) throws IOException {
    var last = ByteBuffer.allocate(1);
    return file.read(last, length - 1) == 1 && last.get(0) == '\n';
  }

  private byte[] fromLine(ReversePath from) {
    // The sender ends at the first space, so it must hold none.
    String sender = from.isNull() ? "MAILER-DAEMON" : from.toString().replaceAll("\\s", "_");
    return ("From " + sender + " " + DATE.format(clock.instant()) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void cutBack(FileChannel file, long length, Exception cause) {
    try {
      file.truncate(length);
      file.force(true);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private Path folder() {
    return path.toAbsolutePath().resolveSibling(".").normalize();
  }
}
