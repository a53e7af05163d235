package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A Maildir: a message is written under {@code tmp}, and renamed into {@code new} when it is complete and on stable
 * storage, so that a reader never sees half a message. Any number of processes may deliver at once, without locks.
 */
final class Maildir implements MailStore {
  private final Path root;
  private final Path incoming;
  private final UniqueNames names;

  /** The Maildir at {@code root}, which need not exist yet. */
  Maildir(Path root, UniqueNames names) {
    this.root = root;
    this.incoming = root.resolve("new");
    this.names = names;
  }

  @Override
  public Result store(LocalCopy copy) throws IOException {
    String name = names.next();
    Path draft = root.resolve("tmp").resolve(name);
    Path written = draft;
    try {
      long size = write(copy, draft);
      // The size in the name saves mail readers and quota programs from looking at each file.
      Path message = incoming.resolve(name + ",S=" + size);
      publish(draft, message);
      written = message;
      Folders.sync(incoming);
    } catch (IOException | RuntimeException e) {
      Folders.removeAfter(e, written);
      throw e;
    }
    return Result.STORED;
  }

  private long write(LocalCopy copy, Path draft) throws IOException {
    try (var content = copy.open(); var file = create(draft)) {
      var out = new FileOutput(file);
      out.put(copy.trace());
      new StoredForm(out::put).copy(content);
      out.flush();
      file.force(false);
      return out.written();
    }
  }

  private FileChannel create(Path draft) throws IOException {
    try {
      return Folders.create(draft);
    } catch (NoSuchFileException _) {
      // tmp comes last: where it exists, all the rest was made before and is on stable storage.
      Folders.make(root.resolve("cur"));
      Folders.make(incoming);
      Folders.make(root.resolve("tmp"));
      return Folders.create(draft);
    }
  }

  private void publish(Path draft, Path message) throws IOException {
    try {
      Files.move(draft, message, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException _) {
      Folders.make(incoming); // someone removed it
      Files.move(draft, message, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
