package org.posthorn.daemon.auth.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.posthorn.daemon.auth.ldap.LdapSettings.Names;
import org.posthorn.daemon.auth.ldap.LdapSettings.SearchAccount;
import org.posthorn.daemon.auth.ldap.LdapSettings.Security;
import org.posthorn.daemon.auth.ldap.LdapSettings.Server;
import org.posthorn.daemon.auth.PasswordDirectory.Verdict;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.SlapdPeer;
import org.posthorn.testkit.TestTls;

/** Asking a real OpenLDAP. */
class OpenLdapTest {
  private static final String PEOPLE = "ou=people,dc=example,dc=org";
  private static final Names TEMPLATE = new Names.Template("uid={user}," + PEOPLE);
  private static final String ENTRIES = """
                                        dn: uid=alice,ou=people,dc=example,dc=org
                                        objectClass: inetOrgPerson
                                        uid: alice
                                        cn: Alice
                                        sn: A
                                        mail: alice@example.org
                                        mail: shared@example.org
                                        userPassword: wönder land

                                        dn: uid=o\\2Cbrien (x)*,ou=people,dc=example,dc=org
                                        objectClass: inetOrgPerson
                                        uid: o,brien (x)*
                                        cn: Odd
                                        sn: O
                                        mail: o,brien (x)*@example.org
                                        mail: shared@example.org
                                        userPassword: odd

                                        dn: uid=locked,ou=people,dc=example,dc=org
                                        objectClass: inetOrgPerson
                                        uid: locked
                                        cn: Locked
                                        sn: L
                                        mail: locked@example.org
                                        """;

  @TempDir
  private static Path folder;

  private static SlapdPeer slapd;
  private static Path authority;
  private static Path readerPassword;

  @BeforeAll
  static void start() throws Exception {
    slapd = SlapdPeer.start(folder, ENTRIES);
    authority = TestTls.authority(folder);
    readerPassword = Files.writeString(folder.resolve("reader"), "secret\n");
  }

  @AfterAll
  static void stop() {
    slapd.close();
  }

  private static Names search(Path password) {
    return new Names.Search(PEOPLE, "(mail={login})",
        Optional.of(new SearchAccount("cn=reader,dc=example,dc=org", password)));
  }

  private static LdapLogins asking(Security security, Names names) {
    int port = security == Security.LDAPS ? slapd.tlsPort() : slapd.port();
    return new LdapLogins(new LdapSettings(List.of(new Server("127.0.0.1", port)), security, Optional.of(authority),
        names, Duration.ofSeconds(60)));
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void bindsAndSearchesHoweverTheWayIsProtected(Security security) {
    assertThat(asking(security, TEMPLATE).check("alice", "wönder land")).isEqualTo(Verdict.RIGHT);
    assertThat(asking(security, TEMPLATE).check("alice", "wonderland")).isEqualTo(Verdict.WRONG);
    assertThat(asking(security, search(readerPassword)).check("alice@example.org", "wönder land"))
        .isEqualTo(Verdict.RIGHT);
  }

  @ParameterizedTest(name = "{0} with {1}: {2}")
  @CsvSource(delimiter = '|', value = {"'o,brien (x)*' | odd | RIGHT", "nobody | wönder land | WRONG",
      "locked | x | WRONG", "* | odd | WRONG", "'alice,ou=people' | wönder land | WRONG", "alice | '' | WRONG"})
  void findsNobodyElseByOddNames(String user, String password, Verdict verdict) {
    assertThat(asking(Security.NONE, TEMPLATE).check(user, password)).isEqualTo(verdict);
    assertThat(asking(Security.NONE, search(readerPassword)).check(user + "@example.org", password)).isEqualTo(verdict);
  }

  @Test
  void letsNobodyInForAnAddressOfTwo() {
    assertThat(asking(Security.NONE, search(readerPassword)).check("shared@example.org", "odd"))
        .isEqualTo(Verdict.WRONG);
  }

  @Test
  void cannotTellWhenItMayNotSearch() throws IOException {
    var wrong = Files.writeString(folder.resolve("wrong"), "wrong\n");
    assertThat(asking(Security.NONE, search(wrong)).check("alice@example.org", "wönder land"))
        .isEqualTo(Verdict.UNKNOWN);
  }

  @ParameterizedTest
  @EnumSource(value = Security.class, names = {"LDAPS", "START_TLS"})
  void tellsNoPasswordToAServerThatNobodyVouchesFor(Security security) {
    int port = security == Security.LDAPS ? slapd.tlsPort() : slapd.port();
    var logins = new LdapLogins(new LdapSettings(List.of(new Server("127.0.0.1", port)), security, Optional.empty(),
        TEMPLATE, Duration.ofSeconds(60)));
    assertThat(logins.check("alice", "wönder land")).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void asksTheNextServerWhenOneIsGone() throws IOException {
    var gone = new Server("127.0.0.1", FreePort.find());
    var there = new Server("127.0.0.1", slapd.tlsPort());
    var one = new LdapSettings(List.of(gone, there), Security.LDAPS, Optional.of(authority), TEMPLATE,
        Duration.ofSeconds(60));
    assertThat(new LdapLogins(one).check("alice", "wönder land")).isEqualTo(Verdict.RIGHT);
    var none = new LdapSettings(List.of(gone), Security.LDAPS, Optional.of(authority), TEMPLATE,
        Duration.ofSeconds(60));
    assertThat(new LdapLogins(none).check("alice", "wönder land")).isEqualTo(Verdict.UNKNOWN);
  }
}
