package org.posthorn.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.posthorn.daemon.cli.CommandLineTool;
import org.posthorn.daemon.cli.Terminal;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.SettingsSource;
import org.posthorn.daemon.logging.Logging;
import org.posthorn.daemon.systemd.SystemdNotifier;
import org.posthorn.daemon.systemd.Watchdog;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.queue.storage.QueueStorage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program {@code posthorn}. */
public final class Main {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  private final SystemdNotifier systemd = new SystemdNotifier(System.getenv());

  private Main() {}

  /** Does what {@code arguments} ask for, and exits with the code that says how it went. */
  public static void main(String... arguments) {
    Locale.setDefault(Locale.ROOT); // files and protocols have ASCII digits, whichever people use where the machine is
    var terminal = Terminal.ofThisProcess();
    // Not a mere return: a library may have left a thread that is no daemon.
    System.exit(new CommandLineTool(terminal, new Main()::serve).execute(arguments));
  }

  /** Runs the daemon until it is asked to stop, by a signal or by the operator. */
  private int serve(Configuration settings, SettingsSource source) throws IOException, InterruptedException {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var serving = new CompletableFuture<Mta>();
    Signals.on("HUP", () -> reload(serving.join())); // first: it would end us, and a start may take a while
    // Nobody else's business: the spool and the index hold addresses and mail.
    Files.createDirectories(settings.dataDirectory(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (var logging = Logging.start(settings.log());
        var storage = QueueStorage.open(settings.dataDirectory(), new LocalDisk(), settings.spool(),
            new QueueIdSource(clock, random));
        var mta = Mta.start(settings, source, storage, logging, clock, random);
        var _ = Watchdog.start(systemd, () -> !mta.status().listeners().isEmpty())) {
      Signals.on("TERM", mta::stop);
      Signals.on("INT", mta::stop);
      var status = mta.status();
      systemd.ready("serving on " + String.join(", ", status.listeners()));
      log.atInfo()
          .addKeyValue("listeners", String.join(",", status.listeners()))
          .addKeyValue("version", status.version())
          .addKeyValue("ms", sinceStart())
          .log("ready");
      serving.complete(mta);
      if (source.file().isEmpty()) {
        Welcome.print(settings, status, System.out);
      }
      mta.awaitStop();
      systemd.stopping();
      log.atInfo().log("stopping");
    }
    return 0;
  }

  private void reload(Mta mta) {
    systemd.reloading();
    try {
      mta.reload();
    } catch (ConfigException e) {
      log.atError()
          .addKeyValue("problem", e.getMessage())
          .log("the old settings stay in force");
    } catch (RuntimeException e) { // else the thread of the signal would end without a word
      log.atError().setCause(e).log("cannot reload");
    } finally {
      systemd.ready("serving");
    }
  }

  /** Returns the milliseconds since the JVM was started. */
  private static long sinceStart() {
    var jvm = ProcessHandle.current().info().startInstant();
    return jvm.map(start -> Duration.between(start, InstantSource.system().instant()).toMillis()).orElse(0L);
  }
}
