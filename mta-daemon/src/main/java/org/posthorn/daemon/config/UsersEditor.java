package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.posthorn.daemon.auth.Account;

/**
 * Changes a users file. Of several commands at once each waits for its turn, by a lock on an empty file beside it, which stays
 * there. What is changed is written to a new file that takes the place of the old one at once, readable for its owner only, and
 * for its group if that is how the daemon gets at it; what stands around the user changed stays as it is. When a method has
 * returned, the change is on the disk; when it throws, the file is as it was.
 */
public final class UsersEditor {
  private static final FileAttribute<Set<PosixFilePermission>> OURS_ONLY = PosixFilePermissions.asFileAttribute(
      PosixFilePermissions.fromString("rw-------"));
  /** How a file of root's is that the daemon's own group may read. */
  private static final Set<PosixFilePermission> FOR_ITS_GROUP = PosixFilePermissions.fromString("rw-r-----");

  private final UsersFile file;
  private final Path path;
  private final Path lock;
  private final Consumer<String> notices;

  /** Makes the new text of the file from the old one; empty when nothing is to be changed. */
  private interface Change {
    Optional<String> apply(String text) throws ConfigException;
  }

  /** Changes {@code file}, which need not be there; {@code notices} is told when somebody else changes it just now. */
  public UsersEditor(UsersFile file, Consumer<String> notices) {
    this.file = file;
    this.path = file.path();
    this.lock = path.resolveSibling(path.getFileName() + ".lock");
    this.notices = notices;
  }

  /** Adds {@code account}; returns whether there was none with its login. */
  public boolean add(Account account) throws IOException, ConfigException {
    return edit(text -> find(text, account.login()).isPresent()
        ? Optional.empty()
        : Optional.of(new UsersText(text).with(account)));
  }

  /** Puts what {@code change} makes of the user {@code login} in its place; returns whether there is one. */
  public boolean change(String login, UnaryOperator<Account> change) throws IOException, ConfigException {
    return edit(text -> {
      var account = find(text, login);
      return account.isPresent()
          ? Optional.of(new UsersText(text).with(change.apply(account.get())))
          : Optional.empty();
    });
  }

  /** Takes {@code login} out of the file; returns whether it was there. */
  public boolean remove(String login) throws IOException, ConfigException {
    return edit(text -> find(text, login).isPresent()
        ? Optional.of(new UsersText(text).without(login))
        : Optional.empty());
  }

  private Optional<Account> find(String text, String login) throws ConfigException {
    return UsersFile.parse(text, path.toString()).find(login);
  }

  private boolean edit(Change change) throws IOException, ConfigException {
    try (var channel = lockFile(); var _ = alone(channel)) {
      var changed = change.apply(file.text());
      if (changed.isPresent()) {
        write(changed.get());
      }
      return changed.isPresent();
    }
  }

  /** It is never removed: who waits for it would then hold a lock on a file that nobody else sees. */
  private FileChannel lockFile() throws IOException {
    try {
      var made = open(lock, StandardOpenOption.CREATE_NEW);
      keepOwner(lock);
      return made;
    } catch (FileAlreadyExistsException _) {
      return open(lock, StandardOpenOption.CREATE);
    }
  }

  /** Who may write in this directory must not lead root elsewhere by a link. */
  private static FileChannel open(Path file, OpenOption how) throws IOException {
    return FileChannel.open(file, Set.of(how, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS), OURS_ONLY);
  }

  private FileLock alone(FileChannel channel) throws IOException {
    try {
      var free = Optional.ofNullable(channel.tryLock());
      if (free.isPresent()) {
        return free.get();
      }
      notices.accept("another command changes " + path + " just now; waiting for it");
      return channel.lock();
    } catch (OverlappingFileLockException e) {
      throw new IOException(path + " is being changed by this very process", e);
    }
  }

  private void write(String text) throws IOException, ConfigException {
    UsersFile.parse(text, path.toString()); // nothing that we could not read again
    var draft = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(draft);
    try (var out = open(draft, StandardOpenOption.CREATE_NEW)) {
      var octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (octets.hasRemaining()) {
        out.write(octets);
      }
      keepOwner(draft);
      keepGroup(draft);
      out.force(true);
    }
    Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (var directory = FileChannel.open(directory())) {
      directory.force(true);
    }
  }

  private Path directory() {
    return Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
  }

  /** An administrator who changes a password must not take the file away from the daemon's own user. */
  private void keepOwner(Path made) throws IOException {
    var owner = Files.readAttributes(Files.exists(path) ? path : directory(), PosixFileAttributes.class);
    var own = view(made);
    if (!own.readAttributes().owner().equals(owner.owner())) {
      own.setOwner(owner.owner());
      own.setGroup(owner.group());
    }
  }

  private void keepGroup(Path made) throws IOException {
    if (Files.exists(path)) {
      var before = Files.readAttributes(path, PosixFileAttributes.class);
      if (FOR_ITS_GROUP.equals(before.permissions())) {
        view(made).setGroup(before.group());
        view(made).setPermissions(FOR_ITS_GROUP);
      }
    }
  }

  private static PosixFileAttributeView view(Path file) {
    return Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }
}
