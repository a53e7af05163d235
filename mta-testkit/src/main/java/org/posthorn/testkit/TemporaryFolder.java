package org.posthorn.testkit;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** A folder for the files of a program of others, which is not always gone when its last process seems to be. */
final class TemporaryFolder {
  private TemporaryFolder() {}

  /** Makes one that everybody can look into, for programs that are several users. */
  static Path create(String prefix) throws IOException {
    return Files.createTempDirectory(prefix,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
  }

  /** Removes {@code folder} and what is in it; nobody minds what goes or comes meanwhile. */
  static void remove(Path folder) throws IOException {
    Files.walkFileTree(folder, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        file.toFile().delete();
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException problem) {
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path emptied, IOException problem) {
        emptied.toFile().delete();
        return FileVisitResult.CONTINUE;
      }
    });
  }
}
