package org.posthorn.daemon.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.posthorn.daemon.admin.AdminClient;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.admin.Json;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which daemon a command is for: by its settings, or by its socket. Picocli fills it in. */
final class DaemonOption {
  @Mixin
  private SettingsOption settings = new SettingsOption();

  @Option(names = "--socket", paramLabel = "PATH", description = "The admin socket of the daemon. Default: as the settings"
      + " say.")
  private Optional<Path> socket = Optional.empty();

  /**
   * Asks the daemon, and returns the body of its answer, which the caller closes. A users file that cannot be read, or is
   * wrong, is no reason not to.
   */
  InputStream ask(Terminal terminal, String method, String path, Map<String, List<String>> query)
      throws AdminException {
    return new AdminClient(socket.orElseGet(() -> settings.readWithoutSecrets(terminal).admin().socket()))
        .ask(method, path, query);
  }

  /** Asks the daemon for one object. */
  <T> T ask(Terminal terminal, String method, String path, Map<String, List<String>> query, Class<T> type)
      throws AdminException {
    try (var body = ask(terminal, method, path, query)) {
      return Json.read(body.readAllBytes(), type);
    } catch (AdminException e) {
      throw e;
    } catch (IOException e) {
      throw new AdminException("the daemon broke off: " + e.getMessage(), e);
    }
  }
}
