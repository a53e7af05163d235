package org.posthorn.daemon.cli;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.posthorn.daemon.config.Reason;
import org.posthorn.smtp.DotEncoder;

/**
 * What the server may take another time, appended to a file that is a batch again (RFC 2442: who processes a batch has the
 * responsibilities of a client). Each message waits in a file of its own until it is known whether it goes there. Used by one
 * thread.
 */
final class BatchRest {
  private static final int BUFFER = 1 << 15;
  /** Nobody else is to read people's mail. */
  private static final FileAttribute<Set<PosixFilePermission>> OURS_ONLY = PosixFilePermissions.asFileAttribute(
      PosixFilePermissions.fromString("rw-------"));

  private final Optional<Path> file;
  private int messages;

  private BatchRest(Optional<Path> file) {
    this.file = file;
  }

  /** Keeps nothing. */
  static BatchRest none() {
    return new BatchRest(Optional.empty());
  }

  /** Appends to {@code file}, which need not be there. */
  static BatchRest in(Path file) {
    return new BatchRest(Optional.of(file));
  }

  /** Returns where to put the content of the message that begins now, without doubled dots; the caller closes it. */
  OutputStream begin() throws IOException {
    return file.isEmpty()
        ? OutputStream.nullOutputStream()
        : new BufferedOutputStream(Channels.newOutputStream(open(draft(file.get()), TRUNCATE_EXISTING)), BUFFER);
  }

  /** Keeps that message for those who may get it later; {@code commands} are its MAIL and their RCPTs, none for nobody. */
  void keep(List<String> commands) {
    if (file.isPresent() && !commands.isEmpty()) {
      try {
        append(file.get(), commands);
        messages++;
      } catch (IOException e) {
        throw Failure
            .of("cannot write " + file.get() + ", so nothing keeps what was refused just now: " + Reason.of(e));
      }
    }
  }

  /** Returns how many messages were kept. */
  int messages() {
    return messages;
  }

  private static FileChannel open(Path file, StandardOpenOption how) throws IOException {
    return FileChannel.open(file, EnumSet.of(CREATE, WRITE, how), OURS_ONLY);
  }

  private static void append(Path file, List<String> commands) throws IOException {
    try (var out = open(file, CREATE)) {
      long before = out.size();
      out.position(before);
      try {
        write(Channels.newOutputStream(out), commands, draft(file));
        out.force(true);
      } catch (IOException e) {
        out.truncate(before); // half a message would spoil what is behind it
        throw e;
      }
    }
  }

  private static void write(OutputStream file, List<String> commands, Path content) throws IOException {
    var out = new BufferedOutputStream(file, BUFFER);
    for (var command : commands) {
      out.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
    out.write("DATA\r\n".getBytes(StandardCharsets.US_ASCII));
    var data = new DotEncoder(out);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(content), BUFFER)) {
      in.transferTo(data);
    }
    data.finish();
    out.flush();
  }

  /** Takes away what was held of the last message. */
  void end() throws IOException {
    if (file.isPresent()) {
      Files.deleteIfExists(draft(file.get()));
    }
  }

  private static Path draft(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }
}
