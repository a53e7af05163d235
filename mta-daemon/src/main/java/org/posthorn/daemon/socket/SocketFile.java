package org.posthorn.daemon.socket;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Where a Unix socket is to be, and who may connect to it: whoever may write to it.
 *
 * @param path of at most {@link #MAX_PATH} octets
 * @param permissions of the file
 * @param owner the user that the file belongs to; empty for the one that the daemon runs as
 * @param group its group; empty for that of the daemon
 */
public record SocketFile(Path path, Set<PosixFilePermission> permissions, Optional<String> owner,
    Optional<String> group) {
  /** The path of a Unix socket holds 107 octets; it is bound under a longer name first. */
  public static final int MAX_PATH = 80;

  /** Begins to listen. */
  public interface Binding<T> {
    /** Listens at {@code address}. */
    T listen(UnixDomainSocketAddress address) throws IOException;
  }

  public SocketFile {
    permissions = Set.copyOf(permissions);
  }

  /** Has {@code permissions} as {@code ls} shows them: {@code rw-rw----}. */
  public SocketFile(Path path, String permissions) {
    this(path, PosixFilePermissions.fromString(permissions), Optional.empty(), Optional.empty());
  }

  /**
   * Has {@code binding} listen in a private directory and moves the socket to its place, so that it is never open to others for
   * a moment. A socket there on which nobody listens is replaced. Throws IOException when somebody does, when there is
   * something else, or when owner or group cannot be given.
   */
  public <T> T bind(Binding<T> binding) throws IOException {
    requireFree();
    var directory = path.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    var mine = Files.createTempDirectory(directory, ".adm",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    var fresh = mine.resolve("s");
    try {
      T bound = binding.listen(UnixDomainSocketAddress.of(fresh));
      give(fresh);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      return bound;
    } finally {
      Files.deleteIfExists(fresh);
      Files.delete(mine);
    }
  }

  /** Removes the socket, if it is there; to be called before it is closed, when it cannot be another's yet. */
  public void remove() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException _) {
      // It is replaced at the next start.
    }
  }

  private void give(Path fresh) throws IOException {
    var attributes = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
    var names = fresh.getFileSystem().getUserPrincipalLookupService();
    if (group.isPresent()) {
      attributes.setGroup(names.lookupPrincipalByGroupName(group.get()));
    }
    if (owner.isPresent()) {
      attributes.setOwner(names.lookupPrincipalByName(owner.get()));
    }
    attributes.setPermissions(permissions);
  }

  private void requireFree() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
      throw new IOException("cannot listen on " + path + ": there is a file that is no socket");
    }
    if (isAnswered()) {
      throw new IOException("cannot listen on " + path + ": another process does");
    }
  }

  private boolean isAnswered() {
    try (var probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException _) {
      return false;
    }
  }
}
