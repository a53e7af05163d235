package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;

class AliasesTest {
  @Test
  void readsKeysInAnyCaseAndTargetsAsTheyAre() {
    var aliases = Aliases.parse("Root:Alice , \"A B\"@x.example,<C@X.example>\r\n@Example.ORG: all\n", "aliases");
    assertThat(aliases.entries()).containsOnlyKeys(new Aliases.Key("root", Optional.empty()),
        new Aliases.Key("", Optional.of(Domain.of("example.org"))));
    assertThat(aliases.entries().get(new Aliases.Key("root", Optional.empty())))
        .isEqualTo(new Aliases.Entry(List.of(new Aliases.Target.Name("Alice"),
            new Aliases.Target.Address(Mailbox.of("\"A B\"@x.example")),
            new Aliases.Target.Address(Mailbox.of("C@x.example"))), 1));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
      "root alice | 1: no colon after the alias",
      "root: | 1: no target",
      ": alice | 1: no alias before the colon",
      "a: b\\n\\nA: c | 3: a second entry for a",
      "a: b c | 1: not understood: c",
      "a: b, \\n  <c@x.example | 1: no closing angle bracket",
      "a: \"b | 1: no closing quote",
      "a: b@-bad- | 1: not a domain: -bad-",
      "a: /var/mail/b | 1: files are not supported: /var/mail/b",
      "a: :include:/etc/list | 1: :include: is not supported"})
  void saysWhatIsWrongAndWhere(String text, String message) {
    assertThatThrownBy(() -> Aliases.parse(text.replace("\\n", "\n"), "aliases"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("aliases:" + message);
  }

  @Test
  void saysOfEachEntryWhatIsWrong() {
    assertThatThrownBy(() -> Aliases.parse("broken\nok: alice\na: /var/mail/b\nok: bob\n", "aliases"))
        .hasMessage("""
                    aliases:1: no colon after the alias
                    aliases:3: files are not supported: /var/mail/b
                    aliases:4: a second entry for ok""");
  }

  @Test
  void tellsOfTwentyEntriesAtMost() {
    assertThatThrownBy(() -> Aliases.parse("broken\n".repeat(25), "aliases"))
        .hasMessageEndingWith("aliases:20: no colon after the alias\nand 5 more");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: |/bin/cat", "a: \"|/bin/cat x\"", "a: b,|/bin/cat"})
  void refusesCommands(String text) {
    assertThatThrownBy(() -> Aliases.parse(text, "aliases")).hasMessageContaining("commands are not supported");
  }

  @Test
  void namesTheFile(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("aliases"), "broken");
    assertThatThrownBy(() -> Aliases.read(file)).hasMessage(file + ":1: no colon after the alias");
  }

  @Test
  void readsUsersLineByLine(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("users"), "# people\nalice\n\n  Bob \ncarol@example.net\n");
    var users = LocalUsers.read(file);
    assertThat(users.find("BOB", Domain.of("example.org"))).hasValue("Bob");
    assertThat(users.find("carol", Domain.of("example.net"))).hasValue("carol");
    assertThat(users.find("carol", Domain.of("example.org"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"../etc", ".hidden", "a b", "a/b", "a@b@c", "@example.org"})
  void refusesUsersThatCannotHaveAMailbox(String user, @TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("users"), "alice\n" + user);
    assertThatThrownBy(() -> LocalUsers.read(file)).hasMessage(file + ":2: not a user: " + user);
    assertThatThrownBy(() -> LocalUsers.of(List.of(user))).hasMessage("not a user: " + user);
  }
}
