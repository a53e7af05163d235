package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.posthorn.daemon.auth.AccountSource;
import org.posthorn.daemon.auth.Accounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users as their file has them now: a change counts at the next login, without a reload. A file that cannot be read
 * changes nothing, and is complained of once. Safe for use by many threads.
 */
final class WatchedUsers implements AccountSource {
  private static final long READ_AT_ONCE = 64 << 10;
  private static final Logger log = LoggerFactory.getLogger(WatchedUsers.class);

  /** What tells one state of a file from another, without reading it. */
  private record Stamp(Optional<FileTime> changed, long size, Optional<Object> key) {
    static final Stamp MISSING = new Stamp(Optional.empty(), 0, Optional.empty());
  }

  private final UsersFile file;
  private final ReentrantLock reading = new ReentrantLock();
  private Stamp stamp;
  private volatile Accounts accounts;

  /** Reads the file for the first time; what is wrong with it is thrown. */
  WatchedUsers(UsersFile file) throws IOException, ConfigException {
    this.file = file;
    this.stamp = stamp();
    this.accounts = file.read();
  }

  @Override
  public Accounts get() {
    return accounts;
  }

  @Override
  public boolean isWatched() {
    return true;
  }

  /** Looks whether the file has changed; a large one is read behind the back of whoever asks. */
  @Override
  public synchronized void look() {
    try {
      var now = stamp();
      if (!now.equals(stamp)) {
        stamp = now;
        if (now.size() > READ_AT_ONCE) {
          Thread.ofVirtual().start(this::read);
        } else {
          read();
        }
      }
    } catch (IOException e) {
      complain(e);
    }
  }

  private void read() {
    reading.lock(); // or what was read first could come to count last
    try {
      accounts = file.read();
      log.atInfo().addKeyValue("file", file.path()).addKeyValue("users", accounts.all().size()).log("users read");
    } catch (IOException | ConfigException e) {
      complain(e);
    } finally {
      reading.unlock();
    }
  }

  private void complain(Exception why) {
    log.atError()
        .addKeyValue("file", file.path())
        .addKeyValue("problem", Objects.toString(why.getMessage()))
        .log("the users stay as they were");
  }

  private Stamp stamp() throws IOException {
    if (Files.notExists(file.path())) {
      return Stamp.MISSING;
    }
    var attributes = Files.readAttributes(file.path(), BasicFileAttributes.class);
    return new Stamp(Optional.of(attributes.lastModifiedTime()), attributes.size(),
        Optional.ofNullable(attributes.fileKey()));
  }

  /** Two are the same when they watch the same file. */
  @Override
  public boolean equals(Object other) {
    return other instanceof WatchedUsers watched && watched.file.path().equals(file.path());
  }

  @Override
  public int hashCode() {
    return file.path().hashCode();
  }
}
