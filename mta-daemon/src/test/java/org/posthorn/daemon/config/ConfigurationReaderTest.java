package org.posthorn.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.inbound.BurlSettings;
import org.posthorn.daemon.inbound.RelayPolicy;
import org.posthorn.delivery.Routes;
import org.posthorn.delivery.mailbox.MailboxSettings;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.RcptParameters;

class ConfigurationReaderTest {
  private static final Environment ENVIRONMENT = new Environment(Domain.of("box.example.net"), "alice", Set.of(),
      Path.of("/home/a"));
  private static final ConfigurationReader READER = new ConfigurationReader(ENVIRONMENT);

  @TempDir
  private Path directory;

  @Test
  void readsTheCoreOfTheFile() throws Exception {
    var configuration = parse("""
                              hostname = "mail.example.org"
                              data-directory = "spool-here"
                              [[listener]]
                              address = ["0.0.0.0:25", "[::]:25"]
                              kind = "mx"
                              [[listener]]
                              address = "127.0.0.1:2525"
                              [relay]
                              trusted-networks = ["192.0.2.0/24"]
                              relay-domains = ["partner.example"]
                              [local]
                              domains = ["example.org"]
                              users = ["alice", "Bob"]
                              mbox = "/var/mail/{user}"
                              [dns]
                              servers = ["127.0.0.1:5353", "::1"]
                              [[route]]
                              domain = ".partner.example"
                              via = "smtp://127.0.0.1:2526"
                              [[route]]
                              domain = "*"
                              via = "lmtp:/run/dovecot/lmtp"
                              [retry]
                              first = "30s"
                              """);
    assertThat(configuration.hostname()).isEqualTo(Domain.of("mail.example.org"));
    assertThat(configuration.dataDirectory()).isEqualTo(Path.of("/etc/posthorn/spool-here"));
    assertThat(configuration.listeners()).hasSize(2);
    assertThat(configuration.listeners().getFirst().addresses()).hasSize(2);
    assertThat(configuration.inbound().policy().isTrusted(InetAddress.ofLiteral("192.0.2.7"))).isTrue();
    assertThat(configuration.inbound().settings().relay().domains()).containsExactly(Domain.of("partner.example"));
    assertThat(accepts(configuration, "alice@example.org", "BOB@example.org")).containsExactly(true, true);
    assertThat(configuration.mailboxes()).isEqualTo(
        new MailboxSettings(MailboxSettings.Format.MBOX, "/var/mail/{user}", Optional.of('+')));
    assertThat(configuration.dns().servers()).hasToString("[/127.0.0.1:5353, /[0:0:0:0:0:0:0:1]:53]");
    assertThat(configuration.routes()).isEqualTo(new Routes(List.of(
        Routes.Rule.of(".partner.example", "smtp://127.0.0.1:2526"), Routes.Rule.of("*", "lmtp:/run/dovecot/lmtp")),
        Set.of(Domain.of("example.org"))));
    assertThat(configuration.queue().retry().first()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void startsWithoutAFileOnLoopbackAndUnderTheWorkingDirectory() {
    var configuration = READER.embedded();
    assertThat(configuration.dataDirectory()).isEqualTo(Path.of("/home/a/data"));
    assertThat(configuration.listeners())
        .hasToString("[ListenerSettings[addresses=[/127.0.0.1:2525], socket=Optional.empty, "
            + "terms=Terms[kind=mx, tls=OFFERED, proxies=[]]]]");
    assertThat(accepts(configuration, "alice@localhost", "alice@box.example.net", "postmaster@localhost",
        "bob@localhost", "alice@example.org")).containsExactly(true, true, true, false, false);
    assertThat(configuration.mailboxes().pathTemplate()).isEqualTo("/home/a/data/mail/{domain}/{user}");
    assertThat(configuration.admin().socket()).isEqualTo(Path.of("/home/a/data/admin.sock"));
  }

  @Test
  void takesUsersFromAFile() throws Exception {
    Files.writeString(directory.resolve("users"), "# people\nalice\n\n BOB \n");
    Files.writeString(directory.resolve("posthorn.toml"), "[local]\nusers-file = \"users\"\n");
    assertThat(accepts(READER.read(directory.resolve("posthorn.toml")), "alice@localhost", "bob@localhost"))
        .containsExactly(true, true);
  }

  @Test
  void namesTheLineOfAUsersFileThatIsNoUser() throws Exception {
    Files.writeString(directory.resolve("users"), "alice\nbob smith\n");
    Files.writeString(directory.resolve("posthorn.toml"), "[local]\nusers-file = \"users\"\n");
    assertThatThrownBy(() -> READER.read(directory.resolve("posthorn.toml"))).isInstanceOf(ConfigException.class)
        .hasMessage(directory.resolve("posthorn.toml") + ":2:1: \"local.users-file\" does not hold what it should: "
            + directory.resolve("users") + ":2: not a user: bob smith");
  }

  @Test
  void namesTheLineOfAnAliasThatLeadsNowhere() throws Exception {
    Files.writeString(directory.resolve("aliases"), "root: alice\nsales: nobody\n");
    Files.writeString(directory.resolve("posthorn.toml"), "[local]\naliases-file = \"aliases\"\n");
    assertThatThrownBy(() -> READER.read(directory.resolve("posthorn.toml"))).isInstanceOf(ConfigException.class)
        .hasMessage(directory.resolve("posthorn.toml") + ":1:1: [local] " + directory.resolve("aliases")
            + ":2: no such user or alias here: nobody");
  }

  @ParameterizedTest
  @CsvSource({"imap://imap.invalid, imap.invalid, 143, STARTTLS",
      "imaps://imap.invalid:1993, imap.invalid, 1993, IMPLICIT",
      "imap://localhost, localhost, 143, NONE", "imap://127.0.0.1:1143, 127.0.0.1, 1143, NONE",
      "imaps://[::1], ::1, 993, IMPLICIT",
      "imap://[2001:db8::1], 2001:db8::1, 143, STARTTLS"})
  void looksUpNoImapServer(String server, String host, int port, BurlSettings.Tls tls) throws Exception {
    var imap = parse(
        "[[imap]]\nauthority = \"imap.example.org:143\"\npassword-file = \"/dev/null\"\nserver = \"" + server
            + "\"\n")
        .inbound()
        .settings()
        .extensions()
        .burl()
        .servers()
        .getFirst();
    assertThat(imap.authority()).isEqualTo("imap.example.org");
    assertThat(imap.place()).isEqualTo(new BurlSettings.Place(host, port));
    assertThat(imap.tls()).isEqualTo(tls);
    assertThat(imap.user()).isEqualTo("submit");
  }

  @Test
  void givesDoubleBouncesToPostmaster() throws Exception {
    var configuration = parse("[local]\npostmaster = \"ops@example.net\"\n[bounce]\ndouble-bounce = \"postmaster\"\n");
    assertThat(configuration.queue().doubleBouncesTo()).contains(Mailbox.of("ops@example.net"));
    assertThat(parse("").queue().doubleBouncesTo()).isEmpty();
  }

  @Test
  void saysThatTheFileIsMissing() {
    assertThatThrownBy(() -> READER.read(Path.of("/nowhere/posthorn.toml"))).isInstanceOf(ConfigException.class)
        .hasMessage("/nowhere/posthorn.toml: cannot be read: there is no such file");
  }

  @Test
  void namesEverythingThatIsWrongAtOnce() {
    var thrown = catchThrowableOfType(ConfigException.class, () -> parse("""
                                                                         hostnam = "mail.example.org"
                                                                         [limits]
                                                                         recipients = "many"
                                                                         message-sise = "1MB"
                                                                         """));
    assertThat(thrown.problems()).extracting(Problem::toString)
        .containsExactly(
            "posthorn.toml:1:1: unknown key \"hostnam\"; did you mean \"hostname\"?",
            "posthorn.toml:3:1: \"limits.recipients\" must be a whole number from 100 to 100000, not \"many\"",
            "posthorn.toml:4:1: unknown key \"limits.message-sise\"; did you mean \"message-size\"?");
  }

  @Test
  void namesAMistakeOnce() {
    assertThatThrownBy(() -> parse("[[listener]]\naddress = \"25\"\n"))
        .hasMessage("posthorn.toml:2:1: \"listener.address\""
            + " must be an address and port such as \"0.0.0.0:25\" or \"[::]:25\", or a list of such, not \"25\"");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "x = | 1:4: Unexpected end of input",
      "hostname = mail.example.org | 1:12: Unexpected 'm', expected a value; texts stand in quotation marks, as in",
      "[local]\\nusers = [alice] | 2:10: Unexpected 'a', expected ], a value, or a newline; texts stand in quotation marks",
      "[tls]\\ncertificate = \"x\" | 2:1: \"tls.certificate\" must be tables, each written [[tls.certificate]], not",
      "[[listener]]\\naddress = \"[::]:25\"\\n[[listener]]\\naddress = [\"[::]:465\", \"[::]:25\"] | 4:1: \"listener.address\" cannot be [::]:25 twice",
      "[local]\\nusers = [\"a\"]\\npostmaster = \"b\" | 1:1: [local] no such user or alias here: postmaster b@localhost",
      "zzzzzz = 1 | 1:1: unknown key \"zzzzzz\"; known are admin, auth, bounce, checkpoint, client, data-directory",
      "[local]\\nusers = [] | 1:1: [local] postmaster must be set where there are local domains but no users",
      "[local]\\ndomains = [] | 1:1: \"local.postmaster\" must be set where there is no local domain",
      "data-directory = \"a;b\" | 1:1: \"data-directory\" must be a directory without a semicolon in its path, not",
      "[local]\\nusers-file = \"/nowhere\" | 2:1: \"local.users-file\" cannot be read: there is no such file",
      "[[listener]]\\naddress = [] | 2:1: \"listener.address\" must name at least one address",
      "[retry]\\njitter = 0.7 | 2:1: \"retry.jitter\" must be a number from 0 to 0.5, not 0.7",
      "[queue]\\nready = 500 | 2:1: \"queue.ready\" is 500, less than \"ready-per-destination\", which is 1000",
      "[delivery]\\nbackoff-longest = \"1m\" | 1:1: \"delivery.backoff-first\" is 5m, longer than \"backoff-longest\"",
      "hostname = 5 | 1:1: \"hostname\" must be a host name such as \"mail.example.org\", not 5",
      "listener = 5 | 1:1: \"listener\" must be tables, each written [[listener]], not 5",
      "retry = 5 | 1:1: \"retry\" must be a table, written [retry], not 5",
      "[[listener]]\\naddress = \"mail:25\" | 2:1: \"listener.address\" must be an address and port",
      "[[listener]]\\naddress = [\"127.0.0.1:25\", \"1:99999\"] | 2:28: \"listener.address\" must be an address and port",
      "[[listener]]\\nkind = \"imap\" | 2:1: \"listener.kind\" must be \"mx\" or \"submission\" or \"submissions\" or \"lmtp\" or \"odmr\"",
      "[[listener]]\\nkind = \"lmtp\"\\naddress = \"[::]:25\" | 3:1: \"listener.address\" cannot be port 25 for \"lmtp\"",
      "[[listener]]\\nsocket = \"s\"\\nsocket-mode = \"rw\" | 3:1: \"listener.socket-mode\" must be a mode such as \"0660\"",
      "[[listener]]\\ntls = \"always\" | 2:1: \"listener.tls\" must be \"none\" or \"offered\" or \"required\" or \"implicit\"",
      "[[listener]]\\nkind = \"submission\"\\ntls = \"none\" | 3:1: \"listener.tls\" cannot be \"none\" where people",
      "[[listener]]\\nkind = \"submissions\"\\ntls = \"offered\" | 3:1: \"listener.tls\" is always \"implicit\" for",
      "[[tls.certificate]]\\nkey-file = \"x\" | 1:1: \"tls.certificate.chain-file\" must be set",
      "[tls]\\nmin-version = \"1.1\" | 2:1: \"tls.min-version\" must be \"1.2\" or \"1.3\", not \"1.1\"",
      "[tls]\\nciphers = [\"RC4\"] | 2:12: \"tls.ciphers\" must be a cipher suite by its registered name",
      "[relay]\\ntrusted-certificates = \"ab:cd\" | 2:1: \"relay.trusted-certificates\" must be the SHA-256 fingerprint",
      "[[imap]]\\nauthority = \"x\" | 2:1: \"imap.authority\" needs server and password-file too",
      "[[imap]]\\nauthority = \"x:y\"\\nserver = \"imap://x\"\\npassword-file = \"/dev/null\" | 2:1: \"imap.authority\" must be a host, perhaps with a port, as URLs have it, not \"x:y\"",
      "[[imap]]\\nauthority = \"x\"\\nserver = \"imap://[x]\"\\npassword-file = \"/dev/null\" | 3:1: \"imap.server\" must be such as \"imaps://imap.example.org\"",
      "[[imap]]\\nauthority = \"x\"\\nserver = \"imap://x:70000\"\\npassword-file = \"/dev/null\" | 3:1: \"imap.server\" must be such as \"imaps://imap.example.org\"",
      "[[imap]]\\nauthority = \"x\"\\nserver = \"imap://x\"\\npassword-file = \"/nonexistent/p\" | 4:1: \"imap.password-file\" cannot be read: there is no such file",
      "[[imap]]\\nauthority = \"x\"\\nserver = \"imap://x\"\\npassword-file = \"/dev/null\"\\nca-file = \"/nonexistent/ca.pem\" | 5:1: \"imap.ca-file\" cannot be used: /nonexistent/ca.pem: there is no",
      "[[imap]]\\nauthority = \"x\"\\nserver = \"imap://x\"\\npassword-file = \"/dev/null\"\\nca-file = \"/dev/null\" | 5:1: \"imap.ca-file\" cannot be used: /dev/null: holds no certificate in PEM",
      "[checkpoint]\\nclient-size = \"1KB\" | 2:1: \"checkpoint.client-size\" must be a size from",
      "[relay]\\ntrusted-authorities-file = \"/nonexistent/ca.pem\" | 2:1: \"relay.trusted-authorities-file\" cannot be used: /non",
      "[[listener]]\\nprot = 5 | 2:1: unknown key \"listener.prot\"; known are address, kind, proxy-networks, socket, socket-group, socket-mode, socket-owner, tls",
      "[relay]\\ntrusted-networks = \"10.0.0.1/8\" | 2:1: \"relay.trusted-networks\" must be a network such as",
      "[relay]\\ntrusted-networks = [\"::/129\"] | 2:21: \"relay.trusted-networks\" must be a network such as",
      "[local]\\nusers = [\"a b\"] | 2:10: \"local.users\" must be a user name, or an address for a user of one domain, not \"a b\"",
      "[local]\\nusers = [\"a\"]\\nusers-file = \"/dev/null\" | 3:1: \"local.users-file\" excludes \"users\"",
      "[local]\\nmaildir = \"/m/{domain}\" | 2:1: \"local.maildir\" must be a path with {user}",
      "[local]\\nmaildir = \"/m/{user}/{home}\" | 2:1: \"local.maildir\" must be a path with {user}",
      "[local]\\ndomains = [\"a.example\", \"b.example\"]\\nmaildir = \"/m/{user}\" | 3:1: \"local.maildir\" must contain {domain}",
      "[local]\\nmaildir = \"/m/{domain}/{user}\"\\nmbox = \"/n/{domain}/{user}\" | 3:1: \"local.mbox\" excludes \"maildir\"",
      "[local]\\nrecipient-delimiter = \"++\" | 2:1: \"local.recipient-delimiter\" must be one character",
      "[local]\\npostmaster = \"a b\" | 2:1: \"local.postmaster\" must be a user or an address, not \"a b\"",
      "[limits]\\nmessage-size = \"3GB\" | 2:1: \"limits.message-size\" must be a size from 64KB to 2GB, such as \"35MB\", not \"3GB\"",
      "[limits]\\nmessage-size = 35 | 2:1: \"limits.message-size\" must be a size from 64KB to 2GB, such as \"35MB\", not 35",
      "[limits]\\ncommand-timeout = \"5 parsecs\" | 2:1: \"limits.command-timeout\" must be a duration from 1s to 1h",
      "[limits]\\nerrors = 0 | 2:1: \"limits.errors\" must be a whole number from 1 to 10000, not 0",
      "[smtp]\\nvrfy = \"yes\" | 2:1: \"smtp.vrfy\" must be true or false, not \"yes\"",
      "[dns]\\nservers = \"resolver.example\" | 2:1: \"dns.servers\" must be an address such as",
      "[dns]\\nservers = \"127.0.0.1:0\" | 2:1: \"dns.servers\" must be an address such as",
      "[[route]]\\ndomain = \"x.example\" | 1:1: \"route.via\" is missing",
      "[[route]]\\nvia = \"http://x\" | 2:1: \"route.via\" must be \"smtp://host:port\"",
      "[[route]]\\nvia = \"smtp://x:y\" | 2:1: \"route.via\" must be \"smtp://host:port\"",
      "[delivery]\\nport = 0 | 2:1: \"delivery.port\" must be a whole number from 1 to 65535, not 0",
      "[delivery]\\nconcurrency-start = 30 | 2:1: \"delivery.concurrency-start\" is 30, more than \"concurrency-max\", which is 20",
      "[retry]\\nfirst = \"5h\" | 2:1: \"retry.first\" is 5h, longer than \"longest\", which is 4h",
      "[bounce]\\ndouble-bounce = \"keep\" | 2:1: \"bounce.double-bounce\" must be \"drop\" or \"postmaster\", not \"keep\"",
      "[log]\\nformat = \"xml\" | 2:1: \"log.format\" must be \"text\" or \"json\", not \"xml\"",
      "[admin]\\nmetrics-address = \"x\" | 2:1: \"admin.metrics-address\" must be an address and port",
      "[admin]\\nsocket = \"\" | 2:1: \"admin.socket\" must be a path of at most 80 octets, not \"\""})
  void refusesWhatCannotBe(String text, String message) {
    assertThatThrownBy(() -> parse(text.replace("\\n", "\n"))).isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("posthorn.toml:" + message);
  }

  private static List<Boolean> accepts(Configuration configuration, String... recipients) {
    return Stream.of(recipients)
        .map(text -> configuration.inbound()
            .policy()
            .decide(false,
                new ForwardPath.To(Mailbox.of(text)), RcptParameters.NONE) instanceof RelayPolicy.Decision.Accept)
        .toList();
  }

  private static Configuration parse(String text) throws ConfigException {
    return READER.parse(text, "posthorn.toml", Path.of("/etc/posthorn"), Path.of("/var/lib/posthorn"));
  }
}
