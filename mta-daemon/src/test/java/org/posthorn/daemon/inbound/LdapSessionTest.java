package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldif.LDIFException;
import com.unboundid.util.ssl.PEMFileKeyManager;
import com.unboundid.util.ssl.SSLUtil;
import com.unboundid.util.ssl.TrustAllTrustManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.ldap.LdapSettings;
import org.posthorn.daemon.auth.ldap.LdapSettings.Names;
import org.posthorn.daemon.auth.ldap.LdapSettings.SearchAccount;
import org.posthorn.daemon.auth.ldap.LdapSettings.Security;
import org.posthorn.daemon.auth.ldap.LdapSettings.Server;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.daemon.tls.CertificateFiles;
import org.posthorn.daemon.tls.ServerTls;
import org.posthorn.daemon.tls.TestCertificates;
import org.posthorn.daemon.tls.TlsSettings;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.FreePort;

/** People whose passwords an LDAP directory knows log in. */
class LdapSessionTest {
  private static final String PEOPLE = "ou=people,dc=example,dc=org";
  private static final String ODD = "o'brien, \"the\" (x)*\\#+=<>;";
  private static final String RIGHT = "235 2.7.0 ";
  private static final String WRONG = "535 5.7.8 ";
  private static final String LATER = "454 4.7.0 ";

  @TempDir
  private Path folder;

  private final Inbound inbound = new Inbound();
  private Optional<InMemoryDirectoryServer> directory = Optional.empty();

  @AfterEach
  void stop() {
    directory.ifPresent(server -> server.shutDown(true));
  }

  @Test
  void checksPasswordsByANameThatFollowsFromTheLogin() throws Exception {
    start(InMemoryListenerConfig.createLDAPConfig("plain", 0));
    var settings = asked(Security.NONE, template());
    assertThat(plain(settings, "alice", "wonderland")).startsWith(RIGHT);
    assertThat(login(settings, "ALICE", "wonderland")).startsWith(RIGHT);
    assertThat(plain(settings, ODD, "wonderland")).startsWith(RIGHT);
    assertThat(plain(settings, "alice", "Wonderland")).startsWith(WRONG);
    assertThat(plain(settings, "nobody", "wonderland")).startsWith(WRONG);
  }

  @Test
  void checksPasswordsOfWhomASearchFinds() throws Exception {
    start(InMemoryListenerConfig.createLDAPConfig("plain", 0));
    var settings = asked(Security.NONE, search("secret"));
    assertThat(plain(settings, "alice@example.org", "wonderland")).startsWith(RIGHT);
    assertThat(login(settings, "alice@example.org", "wonderland")).startsWith(RIGHT);
    assertThat(plain(settings, ODD + "@example.org", "wonderland")).startsWith(RIGHT);
    assertThat(plain(settings, "alice@example.org", "wrong")).startsWith(WRONG);
    assertThat(plain(settings, "nobody@example.org", "wonderland")).startsWith(WRONG);
    assertThat(plain(settings, "twice@example.org", "wonderland")).startsWith(WRONG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "a*", "alice)(uid=*", "*)(|(uid=*", "alice,ou=people", "alice\\2a", "{login}", "{user}",
      "alice+cn=x", "\\61lice", " ", "#", "alice\u0000"})
  void takesNoLoginForAPattern(String name) throws Exception {
    start(InMemoryListenerConfig.createLDAPConfig("plain", 0));
    for (var names : List.of(template(), search("secret"))) {
      var settings = asked(Security.NONE, names);
      assertThat(plain(settings, name, "wonderland")).startsWith("5");
      assertThat(plain(settings, name + "@example.org", "wonderland")).startsWith("5");
    }
  }

  @Test
  void letsNobodyInWithoutAPassword() throws Exception {
    start(InMemoryListenerConfig.createLDAPConfig("plain", 0));
    assertThat(plain(asked(Security.NONE, template()), "alice", "")).startsWith(WRONG);
    assertThat(login(asked(Security.NONE, search("secret")), "alice@example.org", "")).startsWith(WRONG);
  }

  @Test
  void saysLaterWhenItCannotAsk() throws Exception {
    start(InMemoryListenerConfig.createLDAPConfig("plain", 0));
    assertThat(plain(asked(Security.NONE, search("not the password")), "alice@example.org", "wonderland"))
        .startsWith(LATER);
    var settings = asked(Security.NONE, template());
    directory.orElseThrow().shutDown(true);
    assertThat(plain(settings, "alice", "wonderland")).startsWith(LATER);
  }

  @Test
  void asksTheNextServerWhenOneIsNotThere() throws Exception {
    start(InMemoryListenerConfig.createLDAPConfig("plain", 0));
    var settings = new LdapSettings(List.of(new Server("127.0.0.1", FreePort.find()), server()), Security.NONE,
        Optional.empty(), template(), Duration.ofSeconds(60));
    assertThat(plain(settings, "alice", "wonderland")).startsWith(RIGHT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "LDAPS", "START_TLS"})
  void waitsForASilentServerNoLongerThanItShould(Security security) throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var settings = new LdapSettings(List.of(new Server("127.0.0.1", silent.getLocalPort())), security,
          Optional.empty(), template(), Duration.ofMillis(300));
      assertThat(plain(settings, "alice", "wonderland")).startsWith(LATER);
    }
  }

  @Test
  void asksUnderTlsOnlyWhomItCanTrust() throws Exception {
    var files = certificate();
    var tls = new SSLUtil(new PEMFileKeyManager(files.chain().toFile(), files.key().toFile()),
        new TrustAllTrustManager());
    var authority = Optional.of(files.chain());
    start(InMemoryListenerConfig.createLDAPSConfig("tls", null, 0, tls.createSSLServerSocketFactory(), null));
    assertThat(plain(asked(Security.LDAPS, template(), authority), "alice", "wonderland")).startsWith(RIGHT);
    assertThat(plain(asked(Security.LDAPS, template(), authority), "alice", "wrong")).startsWith(WRONG);
    assertThat(plain(asked(Security.LDAPS, template(), Optional.empty()), "alice", "wonderland")).startsWith(LATER);
    stop();
    start(InMemoryListenerConfig.createLDAPConfig("plain", null, 0, tls.createSSLSocketFactory()));
    assertThat(plain(asked(Security.START_TLS, template(), authority), "alice", "wonderland")).startsWith(RIGHT);
    assertThat(plain(asked(Security.START_TLS, template(), Optional.empty()), "alice", "wonderland")).startsWith(LATER);
    stop();
    start(InMemoryListenerConfig.createLDAPConfig("without", 0));
    assertThat(plain(asked(Security.START_TLS, template(), authority), "alice", "wonderland")).startsWith(LATER);
  }

  @Test
  void offersWhatCanBeAskedForAndSaysWhatUsersMaySendAs() throws Exception {
    start(InMemoryListenerConfig.createLDAPConfig("plain", 0));
    var session = session(asked(Security.NONE, template()));
    assertThat(session.lines("EHLO client.example\n")).contains("250-AUTH PLAIN LOGIN\n");
    assertThat(session.lines("AUTH PLAIN " + base64("boss\0boss\0secret") + "\n")).startsWith(RIGHT);
    assertThat(session.lines("MAIL FROM:<someone@example.net>\n")).startsWith("250");
    assertThat(plain(asked(Security.NONE, template()), "gone", "secret")).startsWith(WRONG);
  }

  private void start(InMemoryListenerConfig listener) throws LDAPException, LDIFException {
    var config = new InMemoryDirectoryServerConfig("dc=example,dc=org");
    config.addAdditionalBindCredentials("cn=posthorn", "secret");
    config.setListenerConfigs(listener);
    config.setSchema(null);
    var server = new InMemoryDirectoryServer(config);
    directory = Optional.of(server);
    server.add("dn: dc=example,dc=org", "objectClass: domain", "dc: example");
    server.add("dn: " + PEOPLE, "objectClass: organizationalUnit", "ou: people");
    add(server, "alice", "alice@example.org", "wonderland");
    add(server, ODD, ODD + "@example.org", "wonderland");
    add(server, "twice1", "twice@example.org", "wonderland");
    add(server, "twice2", "twice@example.org", "wonderland");
    add(server, "boss", "boss@example.org", "secret");
    add(server, "gone", "gone@example.org", "secret");
    server.startListening();
  }

  private static void add(InMemoryDirectoryServer server, String uid, String mail, String password)
      throws LDAPException, LDIFException {
    var entry = new Entry(
        new RDN("uid", uid) + "," + PEOPLE);
    entry.addAttribute("objectClass", "inetOrgPerson");
    entry.addAttribute("uid", uid);
    entry.addAttribute("mail", mail);
    entry.addAttribute("userPassword", password);
    server.add(entry);
  }

  private Server server() {
    return new Server("localhost", directory.orElseThrow().getListenPort());
  }

  private LdapSettings asked(Security security, Names names) {
    return asked(security, names, Optional.empty());
  }

  private LdapSettings asked(Security security, Names names, Optional<Path> caFile) {
    return new LdapSettings(List.of(server()), security, caFile, names, Duration.ofSeconds(60));
  }

  private static Names template() {
    return new Names.Template("uid={user}," + PEOPLE);
  }

  private Names search(String password) throws IOException {
    var file = Files.writeString(folder.resolve("password"), password + "\n");
    return new Names.Search("dc=example,dc=org", "(&(objectClass=inetOrgPerson)(mail={login}))",
        Optional.of(new SearchAccount("cn=posthorn", file)));
  }

  /** Returns the files of a certificate for {@code localhost}. */
  private CertificateFiles certificate() throws Exception {
    var usual = TestCertificates.settings();
    var made = folder.resolve("made.pem");
    var _ = new ServerTls(new TlsSettings(Domain.of("localhost"), List.of(), made, usual.minVersion(), usual.ciphers(),
        usual.expiryWarning()), InstantSource.system(), new Random(1));
    var text = Files.readString(made);
    int certificate = text.indexOf("-----BEGIN CERTIFICATE");
    int key = text.indexOf("-----BEGIN PRIVATE");
    return new CertificateFiles(
        Files.writeString(folder.resolve("chain.pem"),
            text.substring(certificate, certificate < key ? key : text.length())),
        Files.writeString(folder.resolve("key.pem"),
            text.substring(key, key < certificate ? certificate : text.length())));
  }

  private String plain(LdapSettings ldap, String name, String password) {
    return session(ldap).lines("AUTH PLAIN " + base64("\0" + name + "\0" + password) + "\n");
  }

  private String login(LdapSettings ldap, String name, String password) {
    var session = session(ldap);
    session.lines("AUTH LOGIN\n" + base64(name) + "\n");
    return session.lines((password.isEmpty() ? "" : base64(password)) + "\n");
  }

  private SpokenSession session(LdapSettings ldap) {
    var usual = Inbound.settings();
    var users = new ArrayList<Account>();
    users.add(new Account("boss", List.of(), List.of(), List.of(new AddressPattern.Any()),
        List.of(), SendingLimits.NONE, true));
    users.add(Account.named("gone").withEnabled(false));
    var guard = new GuardSettings(1000, 1000, Duration.ofHours(1), Duration.ZERO, Duration.ofMinutes(15),
        Duration.ofDays(1));
    var auth = new AuthSettings(AuthSettings.STANDARD, () -> new Accounts(users), Optional.of(ldap), Optional.empty(),
        Optional.empty(), false, guard, AuthSettings.NONE.hashing());
    var settings = usual.with(auth);
    var session = new SpokenSession(inbound, settings, SpokenSession.STRANGER, Terms.of(Kind.SUBMISSION));
    session.send("EHLO client.example\r\nSTARTTLS\r\n");
    session.session().encrypted(new Encryption(new FixedTlsSession()));
    session.send("EHLO client.example\r\n");
    return session;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
