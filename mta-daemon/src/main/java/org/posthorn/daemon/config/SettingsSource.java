package org.posthorn.daemon.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the settings come from, each time that they are read.
 *
 * @param file the file; empty for the embedded default
 * @param environment what the defaults depend on
 */
public record SettingsSource(Optional<Path> file, Environment environment) {
  /** Where the file is looked for when nobody names one. */
  public static final Path USUAL = Path.of("/etc/posthorn/posthorn.toml");

  /**
   * Returns the file that is named, else the one that the variable {@code POSTHORN_CONFIG} names, else {@link #USUAL} if
   * it is there, else the embedded default.
   */
  public static SettingsSource find(Optional<Path> named, Map<String, String> variables) {
    var file = named.or(() -> Optional.ofNullable(variables.get("POSTHORN_CONFIG"))
        .filter(name -> !name.isBlank())
        .map(Path::of)).or(() -> Optional.of(USUAL).filter(Files::exists));
    return new SettingsSource(file, Environment.ofThisMachine());
  }

  /** Reads the settings as they are now. */
  public Configuration read() throws ConfigException {
    return read(new ConfigurationReader(environment));
  }

  /** The same without users and passwords, for who may not read the files that these are in. */
  public Configuration readWithoutSecrets() throws ConfigException {
    return read(new ConfigurationReader(environment).withoutSecrets());
  }

  /** Reads all of them, and fails when the daemon could not write where they say. */
  public Configuration check() throws ConfigException {
    return read(new ConfigurationReader(environment).lookingAtTheDisk());
  }

  private Configuration read(ConfigurationReader reader) throws ConfigException {
    return file.isPresent() ? reader.read(file.get()) : reader.withoutFile();
  }

  /** Returns the name of the file, or that there is none. */
  @Override
  public String toString() {
    return file.map(Path::toString).orElse("the embedded default");
  }
}
