package org.posthorn.queue.spool;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The machine's own file system, which must be a POSIX one that keeps what fsync promises. Writing must happen on threads
 * that nobody interrupts, because an interrupt closes a channel; reading may happen on any.
 */
public final class LocalDisk implements Disk {
  /** Another one after each start of a Linux kernel, random(4). */
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  /** For directories that nobody else may look into. */
  public static final FileAttribute<Set<PosixFilePermission>> OURS_ONLY = PosixFilePermissions
      .asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** Returns the disk. */
  public LocalDisk() {}

  @Override
  public Optional<String> boot() {
    try {
      return Optional.of(Files.readString(BOOT_ID).strip()).filter(id -> !id.isEmpty());
    } catch (IOException _) { // not Linux, or a container that hides it
      return Optional.empty();
    }
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    return new ChannelFile(FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  @Override
  public Optional<WritableFile> openForWriting(Path file) throws IOException {
    try {
      return Optional.of(new ChannelFile(FileChannel.open(file, StandardOpenOption.WRITE)));
    } catch (NoSuchFileException e) {
      if (isMissing(file)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public ReadableFile openForReading(Path file) throws IOException {
    try {
      return new UninterruptibleFile(new RandomAccessFile(file.toFile(), "r"));
    } catch (FileNotFoundException e) { // which java.io throws for every failure to open
      if (isMissing(file)) {
        throw new NoSuchFileException(file.toString());
      }
      throw e;
    }
  }

  /** Of a directory that is not there, because its file system is not mounted, say, nobody can tell what is in it. */
  private static boolean isMissing(Path file) {
    return Files.notExists(file) && Files.isDirectory(file.toAbsolutePath().resolveSibling("."));
  }

  @Override
  public long length(Path file) throws IOException {
    return Files.size(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void link(Path from, Path to) throws IOException {
    Files.createLink(to, from);
  }

  @Override
  public boolean delete(Path file) throws IOException {
    return Files.deleteIfExists(file);
  }

  @Override
  public boolean createDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return false;
    }
    try {
      Files.createDirectory(directory, OURS_ONLY);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(directory)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    var names = new ArrayList<String>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    } catch (DirectoryIteratorException e) { // how a stream of paths says that the disk failed
      throw e.getCause();
    }
    return names;
  }

  @Override
  public long usableSpace(Path directory) throws IOException {
    long free = directory.toFile().getUsableSpace(); // not by FileStore, which needs a mount table that a chroot lacks
    if (free == 0 && Files.notExists(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    return free;
  }

  @Override
  public Optional<Closeable> lock(Path file) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return Optional.of(channel); // closing the channel gives the lock back
      }
    } catch (OverlappingFileLockException _) { // this very process has it
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  private record ChannelFile(FileChannel channel) implements WritableFile {
    @Override
    public void write(byte[] bytes, int offset, int length, long position) throws IOException {
      var buffer = ByteBuffer.wrap(bytes, offset, length);
      long at = position;
      while (buffer.hasRemaining()) {
        at += channel.write(buffer, at);
      }
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public void sync() throws IOException {
      channel.force(false); // fdatasync: the length is synced with the content, the times are not
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static final class UninterruptibleFile implements ReadableFile {
    private final RandomAccessFile file;
    private long filePosition;

    UninterruptibleFile(RandomAccessFile file) {
      this.file = file;
    }

    @Override
    public int read(byte[] bytes, int offset, int length, long position) throws IOException {
      if (position != filePosition) {
        file.seek(position);
      }
      int count = file.read(bytes, offset, length);
      filePosition = position + Math.max(0, count);
      return count;
    }

    @Override
    public long size() throws IOException {
      return file.length();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
