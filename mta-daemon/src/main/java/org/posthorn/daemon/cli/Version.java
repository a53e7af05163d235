package org.posthorn.daemon.cli;

import java.util.Optional;

/** Which version of Posthorn runs. */
public final class Version {
  private Version() {}

  /** Returns what the manifest of the archive says, or {@code unreleased} when run from class files. */
  public static String ofThisProgram() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion()).orElse("unreleased");
  }
}
