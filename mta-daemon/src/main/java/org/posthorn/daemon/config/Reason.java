package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** Says why a file could not be used, in words rather than class names. */
public final class Reason {
  private Reason() {}

  /** Returns a few words without a final stop. */
  public static String of(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "there is no such file";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "there is something else in its place";
      case DirectoryNotEmptyException _ -> "it is a directory, and not empty";
      case CharacterCodingException _ -> "it is not UTF-8";
      case FileSystemException failure -> Optional.ofNullable(failure.getReason()).orElse("the disk refuses");
      default -> Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    };
  }
}
