package org.posthorn.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.AccountSource;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.quota.Limit;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.testkit.Needs;

class UsersFileTest {
  private static final String TEXT = """
                                     # ours
                                     [[user]]
                                     login = "Alice@Example.org" # capitals do not matter
                                     secrets = ["{PLAIN}a\\"b"]
                                     addresses = ["*", "@example.net", "a@example.org"]

                                     # the printer
                                     [[user]]
                                     login = "printer"
                                     certificates = ["AB:%s"]
                                     enabled = false
                                     """.formatted("CD:".repeat(31).substring(0, 92));

  @TempDir
  private Path folder;

  private UsersFile file;
  private UsersEditor editor;

  @BeforeEach
  void write() throws Exception {
    file = new UsersFile(folder.resolve("users.toml"));
    editor = new UsersEditor(file, notice -> {
      throw new AssertionError(notice);
    });
    Files.writeString(file.path(), TEXT);
  }

  @Test
  void readsUsers() throws Exception {
    var accounts = file.read();
    assertThat(accounts.find("alice@example.org")).hasValueSatisfying(alice -> {
      assertThat(alice.addresses()).map(AddressPattern::toString).containsExactly("*", "@example.net", "a@example.org");
      assertThat(alice.secrets()).containsExactly(new Secret.Clear("a\"b"));
      assertThat(alice.enabled()).isTrue();
    });
    assertThat(accounts.find("printer")).hasValueSatisfying(printer -> {
      assertThat(printer.certificates()).containsExactly("ab" + "cd".repeat(31));
      assertThat(printer.enabled()).isFalse();
    });
  }

  @Test
  void hasNobodyWhereThereIsNoFile() throws Exception {
    assertThat(new UsersFile(folder.resolve("none")).read().all()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
                                          [[user]]                                               | u:1:1: "user.login" is missing
                                          [[user]]\\nlogin = ""                                  | u:2:1: "user.login" must be a name, or an address, not ""
                                          [[user]]\\nlogin = "a"\\n[[user]]\\nlogin = "A"        | u:4:1: "user.login" is there twice
                                          [[user]]\\nlogin = "a"\\npassword = "x"                | u:3:1: unknown key "user.password"
                                          [[user]]\\nlogin = "a"\\nsecrets = ["x"]               | u:3:1: "user.secrets" holds one that cannot be used
                                          [[user]]\\nlogin = "a"\\naddresses = ["x"]             | u:3:14: "user.addresses" must be an address
                                          [[user]]\\nlogin = "a"\\ncertificates = ["x"]          | u:3:17: "user.certificates" must be the SHA-256
                                          x = 1                                                  | u:1:1: unknown key "x"
                                          """)
  void saysWhatIsWrongAndWhere(String text, String problem) {
    assertThatThrownBy(() -> UsersFile.parse(text.replace("\\n", "\n"), "u")).isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(problem);
  }

  @Test
  void changesOneUserAndLeavesTheRestAsItStands() throws Exception {
    var changed = new Account("alice@example.org", List.of(new Secret.Clear("new")), List.of(), List.of(), List.of(),
        new SendingLimits(Map.of(Limit.MESSAGES_PER_DAY, 7)), true);
    assertThat(editor.change("alice@example.org", _ -> changed)).isTrue();
    assertThat(editor.change("nobody", _ -> changed)).isFalse();
    assertThat(Files.readString(file.path())).isEqualTo("""
                                                        # ours
                                                        [[user]]
                                                        login = "alice@example.org"
                                                        messages-per-day = 7
                                                        secrets = ["{PLAIN}new"]

                                                        """ + TEXT.substring(TEXT.indexOf("# the printer")));
  }

  @Test
  void addsAndRemovesUsers() throws Exception {
    assertThat(editor.add(Account.named("zo\u00eb \"x\"\\"))).isTrue();
    assertThat(editor.add(Account.named("printer"))).as("there is one").isFalse();
    assertThat(file.read().all()).map(Account::login)
        .containsExactly("alice@example.org", "printer", "zo\u00eb \"x\"\\");
    assertThat(editor.remove("printer")).isTrue();
    assertThat(editor.remove("nobody")).isFalse();
    assertThat(file.read().all()).map(Account::login).containsExactly("alice@example.org", "zo\u00eb \"x\"\\");
  }

  /** An administrator who changes a password must not shut out a daemon that reads the file by its group. */
  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource({"rw-rw-r--, rw-------", "rw-r--r--, rw-------", "rw-------, rw-------", "rw-r-----, rw-r-----"})
  void writesForItsOwnerAndPerhapsItsGroup(String before, String after) throws Exception {
    Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString(before));
    editor.remove("printer");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path()))).isEqualTo(after);
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
  }

  /** What the other command does while we wait is not lost: it has read the file already when we come. */
  @Test
  void waitsForAnotherCommandAndSaysSo() throws Exception {
    var other = new ProcessBuilder(Needs.program("python3").toString(), "-c",
        """
        import fcntl, sys
        lock = open(sys.argv[1] + '.lock', 'w')
        fcntl.lockf(lock, fcntl.LOCK_EX)
        text = open(sys.argv[1]).read()
        print('read', flush=True)
        sys.stdin.read()
        open(sys.argv[1], 'w').write(text + '[[user]]\\nlogin = "bob"\\n')
        """, file.path().toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    assertThat(other.inputReader().readLine()).isEqualTo("read");
    var notices = new ArrayList<String>();
    assertThat(new UsersEditor(file, notice -> {
      notices.add(notice);
      goOn(other);
    }).add(Account.named("carol"))).isTrue();
    assertThat(other.waitFor()).isZero();
    assertThat(notices).containsExactly("another command changes " + file.path() + " just now; waiting for it");
    assertThat(file.read().all()).map(Account::login)
        .containsExactly("alice@example.org", "printer", "bob", "carol");
  }

  private static void goOn(Process waiting) {
    try {
      waiting.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void followsNoLinkInPlaceOfItsLock() throws Exception {
    var foreign = Files.createFile(folder.resolve("foreign"));
    Files.createSymbolicLink(folder.resolve("users.toml.lock"), foreign);
    assertThatThrownBy(() -> editor.remove("printer")).isInstanceOf(IOException.class);
    assertThat(file.read().find("printer")).isPresent();
  }

  @Test
  void leavesAFileAloneThatItWouldNotUnderstandAgain() throws Exception {
    Files.writeString(file.path(), "user = [{login = \"a\"}, {login = \"b\"}]\n");
    assertThatThrownBy(() -> editor.remove("a")).isInstanceOf(ConfigException.class)
        .hasMessageContaining("changed by hand");
    assertThat(Files.readString(file.path())).startsWith("user = [");
  }

  @Test
  void noticesChangesAndKeepsTheUsersWhenTheyCannotBeRead() throws Exception {
    var watched = new WatchedUsers(file);
    editor.remove("printer");
    assertThat(watched.get().all()).as("nobody has looked").hasSize(2);
    assertThat(seen(watched)).hasSize(1);
    Files.writeString(file.path(), "nonsense");
    Files.setLastModifiedTime(file.path(), FileTime.from(Instant.EPOCH));
    assertThat(seen(watched)).hasSize(1);
    Files.delete(file.path());
    assertThat(seen(watched)).isEmpty();
  }

  private static List<Account> seen(AccountSource watched) {
    watched.look();
    return watched.get().all();
  }
}
