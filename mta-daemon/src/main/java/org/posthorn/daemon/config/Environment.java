package org.posthorn.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.posthorn.smtp.Domain;

/**
 * What the defaults take from the machine.
 *
 * @param hostName the machine's own name
 * @param userName who runs this process
 * @param workingDirectory where paths start when there is no settings file
 */
public record Environment(Domain hostName, String userName, Path workingDirectory) {
  private static final Path KERNEL_HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  /** Asks the machine. A name that is no domain name becomes {@code localhost}; the DNS is not asked. */
  public static Environment ofThisMachine() {
    return new Environment(machineName(), System.getProperty("user.name", "postmaster"),
        Path.of("").toAbsolutePath());
  }

  private static Domain machineName() {
    try {
      return Domain.parse(Files.readString(KERNEL_HOST_NAME).strip()).orElse(Domain.of("localhost"));
    } catch (IOException | IllegalArgumentException _) {
      return Domain.of("localhost");
    }
  }
}
