package org.posthorn.daemon.systemd;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how this process is doing (sd_notify(3)); does nothing when nobody asked to be told. A message that cannot
 * be sent is logged and forgotten: mail matters more. Safe for use by many threads.
 */
public final class SystemdNotifier {
  private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);

  private final Optional<String> socket;
  private final Optional<Duration> watchdog;

  /** Reads {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC} and {@code WATCHDOG_PID} of {@code environment}. */
  public SystemdNotifier(Map<String, String> environment) {
    socket = Optional.ofNullable(environment.get("NOTIFY_SOCKET"))
        .filter(name -> name.startsWith("/") || name.startsWith("@"));
    watchdog = watchdog(environment);
  }

  /** Says that mail is accepted now; {@code status} is what {@code systemctl status} shows. */
  public void ready(String status) {
    send("READY=1\nSTATUS=" + oneLine(status));
  }

  /** Says that the settings are being read again; {@link #ready} ends that. */
  public void reloading() {
    // Type=notify-reload needs the time; nanoTime is CLOCK_MONOTONIC on Linux.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
  }

  /** Says that no new mail is accepted and running transactions end. */
  public void stopping() {
    send("STOPPING=1\nSTATUS=finishing what is under way");
  }

  /** Says that the daemon is alive. */
  public void alive() {
    send("WATCHDOG=1");
  }

  /** Returns how often {@link #alive} must be called at least; empty when nobody watches. */
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  private void send(String message) {
    socket.ifPresent(name -> {
      try {
        UnixDatagram.send(name, message);
      } catch (IOException e) {
        LOG.atWarn()
            .addKeyValue("socket", name)
            .addKeyValue("text", String.valueOf(e.getMessage()))
            .log("cannot notify systemd");
      }
    });
  }

  private static Optional<Duration> watchdog(Map<String, String> environment) {
    var forUs = environment.getOrDefault("WATCHDOG_PID", "").matches("|" + ProcessHandle.current().pid());
    return Optional.ofNullable(environment.get("WATCHDOG_USEC"))
        .filter(micros -> forUs && micros.matches("[1-9][0-9]{0,15}"))
        .map(micros -> Duration.ofNanos(Long.parseLong(micros) * 1000));
  }

  private static String oneLine(String text) {
    return text.replace('\n', ' ');
  }
}
