package org.posthorn.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserCommandTest {
  @TempDir
  private Path folder;

  private Map<String, String> variables = Map.of();

  @BeforeEach
  void writeSettings() throws Exception {
    var settings = folder.resolve("posthorn.toml");
    Files.writeString(settings, "[auth]\nusers-file = \"users.toml\"\n");
    variables = Map.of("POSTHORN_CONFIG", settings.toString());
  }

  private CommandRun run(String input, String... arguments) {
    return CommandRun.of(input, variables, arguments);
  }

  private void addAlice() {
    assertThat(run("wonderland\n", "user", "add", "Alice@example.org", "--secret", "scram-sha-1", "--address",
        "@example.org,sales@example.net").exitCode()).isZero();
  }

  @Test
  void addsAUserWhosePasswordIsRightAfterwards() {
    addAlice();
    assertThat(run("wonderland\n", "user", "verify", "alice@example.org")).isEqualTo(
        new CommandRun(0, "scram-sha-1: right\n", ""));
    assertThat(run("other\n", "user", "verify", "alice@example.org").exitCode()).isEqualTo(1);
    assertThat(folder.resolve("users.toml")).content().doesNotContain("wonderland");
  }

  @Test
  void changesAPassword() {
    addAlice();
    assertThat(run("new\r\n", "user", "passwd", "alice@example.org", "--secret", "scram-sha-256,scram-sha-1")
        .exitCode()).isZero();
    assertThat(run("new\n", "user", "verify", "alice@example.org").exitCode()).isZero();
    assertThat(run("wonderland\n", "user", "verify", "alice@example.org").exitCode()).isEqualTo(1);
    assertThat(run("", "user", "show", "alice@example.org").out()).contains("@example.org sales@example.net");
  }

  @Test
  void takesAHashFromElsewhere() {
    assertThat(run("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n", "user", "add", "x", "--hashed")
        .exitCode()).isZero();
    assertThat(run("U*U\n", "user", "verify", "x").out()).isEqualTo("bcrypt: right\n");
    assertThat(run("$2a$junk\n", "user", "add", "y", "--hashed").exitCode()).isEqualTo(2);
  }

  @Test
  void listsShowsDisablesAndDeletes() {
    addAlice();
    assertThat(run("", "user", "list").out()).contains("alice@example.org", "enabled", "scram-sha-1");
    assertThat(run("", "user", "disable", "ALICE@example.org").exitCode()).isZero();
    assertThat(run("", "user", "show", "alice@example.org").out()).contains("disabled");
    assertThat(run("wonderland\n", "user", "verify", "alice@example.org").err()).contains("disabled");
    assertThat(run("", "user", "enable", "alice@example.org").exitCode()).isZero();
    assertThat(run("", "user", "list", "--json").out()).contains("\"enabled\" : true");
    assertThat(run("", "user", "delete", "alice@example.org").exitCode()).isZero();
    assertThat(run("", "user", "list", "--json").out()).isEqualTo("[ ]\n");
  }

  @Test
  void saysWhyItCannot() {
    addAlice();
    assertThat(run("x\n", "user", "add", "alice@example.org").err())
        .contains("there is a user alice@example.org already");
    assertThat(run("", "user", "delete", "bob").err()).contains("there is no user bob");
    assertThat(run("\n", "user", "add", "bob").err()).contains("a password cannot be empty");
    assertThat(run("x\n", "user", "add", "bob", "--secret", "md5").err()).contains("no kind of secret: md5");
    assertThat(run("x\n", "user", "add", "bob", "--address", "bob").exitCode()).isEqualTo(2);
    assertThat(CommandRun.of("user", "list").err()).contains("set users-file under [auth]");
  }
}
