package org.posthorn.daemon.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.posthorn.smtp.Domain;

/**
 * What the defaults take from the machine.
 *
 * @param hostName the machine's own name
 * @param userName who runs this process
 * @param addresses the machine's addresses: mail to {@code user@[address]} is for us
 * @param workingDirectory where paths start when there is no settings file
 */
public record Environment(Domain hostName, String userName, Set<InetAddress> addresses, Path workingDirectory) {
  private static final Path KERNEL_HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  public Environment {
    addresses = Set.copyOf(addresses);
  }

  /** Asks the machine. A name that is no domain name becomes {@code localhost}; the DNS is not asked. */
  public static Environment ofThisMachine() {
    return new Environment(machineName(), System.getProperty("user.name", "postmaster"), machineAddresses(),
        Path.of("").toAbsolutePath());
  }

  private static Domain machineName() {
    try {
      return Domain.parse(Files.readString(KERNEL_HOST_NAME).strip()).orElse(Domain.of("localhost"));
    } catch (IOException | IllegalArgumentException _) {
      return Domain.of("localhost");
    }
  }

  private static Set<InetAddress> machineAddresses() {
    try {
      return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).collect(Collectors.toSet());
    } catch (SocketException _) {
      return Set.of(InetAddress.getLoopbackAddress());
    }
  }
}
