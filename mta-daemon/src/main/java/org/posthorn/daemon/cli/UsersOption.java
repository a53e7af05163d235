package org.posthorn.daemon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Prepared;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.UsersFile;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which users file a command is for: by the settings, or by its name. Picocli fills it in. */
final class UsersOption {
  @Mixin
  private SettingsOption settings = new SettingsOption();

  @Option(names = "--file", paramLabel = "FILE", description = "The users file. Default: auth.users-file of the settings.")
  private Optional<Path> file = Optional.empty();

  /** Returns the file, or fails when nothing names one. */
  UsersFile file(Terminal terminal) {
    return new UsersFile(file.or(() -> settings.read(terminal).inbound().settings().auth().usersFile())
        .orElseThrow(() -> Failure.of("there is no users file: set users-file under [auth] in "
            + settings.source(terminal) + ", or name one with --file")));
  }

  /** Finds a user, or fails. */
  static Account find(UsersFile file, String login) throws IOException, ConfigException {
    var prepared = login(login);
    return file.read()
        .find(prepared)
        .orElseThrow(() -> Failure.of("there is no user " + prepared + " in " + file.path()));
  }

  /** Returns a login as it is compared, or fails. */
  static String login(String text) {
    return Prepared.login(text).orElseThrow(() -> Failure.usage("not a login: \"" + text + "\""));
  }
}
