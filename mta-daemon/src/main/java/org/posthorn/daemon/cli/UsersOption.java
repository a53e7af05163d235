package org.posthorn.daemon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.posthorn.daemon.admin.AdminClient;
import org.posthorn.daemon.admin.Json;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Prepared;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.UsersEditor;
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
            + settings.source(terminal).file().map(Path::toString).orElse("a settings file")
            + ", or name one with --file")));
  }

  /** Returns who changes that file, and says so when somebody else does it just now. */
  UsersEditor editor(Terminal terminal) {
    return new UsersEditor(file(terminal), terminal::complain);
  }

  /** Changes the user {@code login}, as it is now, or fails when it has gone meanwhile. */
  void change(Terminal terminal, String login, UnaryOperator<Account> change) throws IOException, ConfigException {
    if (!editor(terminal).change(login, change)) {
      throw nobody(file(terminal), login);
    }
  }

  /** Asks the daemon of these settings for something that it counts; empty when it does not answer. */
  <T> Optional<T> askDaemon(Terminal terminal, String path, Class<T> type) {
    try (var body = new AdminClient(settings.read(terminal).admin().socket()).ask("GET", path, Map.of())) {
      return Optional.of(Json.read(body.readAllBytes(), type));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /** Finds a user, or fails. */
  static Account find(UsersFile file, String login) throws IOException, ConfigException {
    var prepared = login(login);
    return file.read()
        .find(prepared)
        .orElseThrow(() -> nobody(file, prepared));
  }

  /** Says that there is no such user. */
  static Failure nobody(UsersFile file, String login) {
    return Failure.of("there is no user " + login + " in " + file.path());
  }

  /** Returns a login as it is compared, or fails. */
  static String login(String text) {
    return Prepared.login(text).orElseThrow(() -> Failure.usage("not a login: \"" + text + "\""));
  }
}
