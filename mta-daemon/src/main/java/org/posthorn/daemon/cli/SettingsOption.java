package org.posthorn.daemon.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.SettingsSource;
import picocli.CommandLine.Option;

/** {@code --config}, which every command has that needs settings. Picocli fills it in. */
final class SettingsOption {
  private interface Reading {
    Configuration of(SettingsSource source) throws ConfigException;
  }

  @Option(names = {"-c", "--config"}, paramLabel = "FILE", description = {
      "The settings. Default: the file that the variable POSTHORN_CONFIG names, or /etc/posthorn/posthorn.toml if it is"
          + " there, or the embedded default."})
  private Optional<Path> file = Optional.empty();

  /** Returns where the settings are. */
  SettingsSource source(Terminal terminal) {
    return SettingsSource.find(file, terminal.variables());
  }

  /** Reads the settings, or fails with all that is wrong with them. */
  Configuration read(Terminal terminal) {
    return read(terminal, SettingsSource::read);
  }

  /** The same without users and passwords, for commands that everybody may use. */
  Configuration readWithoutSecrets(Terminal terminal) {
    return read(terminal, SettingsSource::readWithoutSecrets);
  }

  /** Reads all of them, and fails when the daemon could not write where they say. */
  Configuration check(Terminal terminal) {
    return read(terminal, SettingsSource::check);
  }

  private Configuration read(Terminal terminal, Reading reading) {
    try {
      return reading.of(source(terminal));
    } catch (ConfigException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    }
  }
}
