package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.daemon.inbound.BurlSettings.Place;
import org.posthorn.daemon.inbound.BurlSettings.Server;
import org.posthorn.daemon.inbound.BurlSettings.Tls;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.ClientTls;
import org.posthorn.testkit.DovecotPeer;
import org.posthorn.testkit.ScriptedServer;
import org.posthorn.testkit.TestTls;

/** How an IMAP server is spoken to under TLS: nobody but the right one gets to see our password. */
class ImapFetchTest {
  private static final String STARTTLS = "S: * OK ready\nC: a1 STARTTLS\nS: a1 OK begin\nTLS: ";
  private static final String FETCH = """
                                      C: a2 AUTHENTICATE PLAIN
                                      S: +
                                      C: AHN1Ym1pdABzZWNyZXQ=
                                      S: a2 OK in
                                      C: a3 URLFETCH "imap://x"
                                      S: * URLFETCH "imap://x" {5}
                                      RAW: hello\\r\\n
                                      S: a3 OK done
                                      C: a4 LOGOUT
                                      """;

  @TempDir
  private Path folder;

  private Server server(ScriptedServer imap, String authority, Tls tls) throws IOException {
    return server(imap, authority, tls, Authorities.read(TestTls.authority(folder)));
  }

  private static Server server(ScriptedServer imap, String authority, Tls tls, Authorities authorities) {
    return new Server(authority, new Place("127.0.0.1", imap.address().getPort()), tls, "submit", "secret",
        new ClientTls(authorities));
  }

  private static void assertFetches(Server server) throws IOException {
    var taken = new TakenContent();
    try (var imap = ImapFetch.open(server)) {
      assertThat(imap.fetch("imap://x", taken, 5)).isEqualTo(Optional.empty());
    }
    assertThat(taken.text()).isEqualTo("hello");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:1143", "mx1.peer.example", "127.0.0.1", "[::1]:993"})
  void fetchesUnderTlsFromTheFirstOctet(String authority) throws Exception {
    try (var imap = ScriptedServer.start("TLS:\nS: * OK ready\n" + FETCH)) {
      assertFetches(server(imap, authority, Tls.IMPLICIT));
      imap.assertFinished();
    }
  }

  @Test
  void fetchesByStartTls() throws Exception {
    try (var imap = ScriptedServer.start(STARTTLS + "peer\n" + FETCH)) {
      assertFetches(server(imap, "localhost", Tls.STARTTLS));
      imap.assertFinished();
    }
  }

  @Test
  void fetchesFromARealDovecotByStartTls() throws Exception {
    var message = "From: alice@example.org\r\n\r\nhello\r\n";
    try (var dovecot = DovecotPeer.start()) {
      var url = dovecot.authorized(message);
      var server = new Server("localhost:" + dovecot.port(), new Place("localhost", dovecot.port()), Tls.STARTTLS,
          "submit", "secret", new ClientTls(Authorities.read(TestTls.authority(folder))));
      var taken = new TakenContent();
      try (var imap = ImapFetch.open(server)) {
        assertThat(imap.fetch(url, taken, 1000)).isEmpty();
      }
      assertThat(taken.text()).isEqualTo(message);
      try (var imap = ImapFetch.open(server)) {
        assertThat(imap.fetch(url + "0", taken, 1000)).contains(ServerReplies.URL_UNRESOLVED);
      }
    }
  }

  @ParameterizedTest(name = "{0} for {1}")
  @CsvSource({"stranger, localhost, its certificate is not for localhost",
      "peer, imap.example.org, its certificate is not for imap.example.org",
      "peer, 127.0.0.2, its certificate is not for [127.0.0.2]",
      "expired, localhost, 'its certificate, or one that leads to it, is not valid: expired'"})
  void saysNothingToAServerThatIsAnother(String certificate, String authority, String reason) throws Exception {
    var implicit = "TLS: " + certificate + "\nLEAVE:\n";
    var authorities = Authorities.read(TestTls.authority(folder));
    try (var imap = ScriptedServer.start(implicit, STARTTLS + certificate + "\nLEAVE:\n")) {
      for (var tls : new Tls[]{Tls.IMPLICIT, Tls.STARTTLS}) {
        assertThatThrownBy(() -> ImapFetch.open(server(imap, authority, tls, authorities)))
            .isInstanceOf(IOException.class)
            .hasMessage(reason);
      }
      imap.assertFinished();
      assertThat(imap.commands()).containsExactly("a1 STARTTLS");
    }
  }

  @Test
  void trustsNobodyElsesAuthority() throws Exception {
    try (var imap = ScriptedServer.start("TLS:\nLEAVE:\n")) {
      assertThatThrownBy(() -> ImapFetch.open(server(imap, "localhost", Tls.IMPLICIT, Authorities.OF_SYSTEM)))
          .isInstanceOf(IOException.class)
          .hasMessage("its certificate leads to no authority that is trusted here");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"S: a1 NO not here", "S: a1 BAD what", "S: * OK [CAPABILITY IMAP4rev1]\nS: a1 NO",
      "RAW: a1 OK begin\\r\\na2 OK you are in\\r\\n", "S: a1 OK begin\nRAW: a2 OK you are in\\r\\n", "CLOSE:"})
  void saysNothingInClearText(String answer) throws Exception {
    var leave = answer.equals("CLOSE:") ? "\n" : "\nLEAVE:\n";
    try (var imap = ScriptedServer.start("S: * OK [CAPABILITY IMAP4rev1]\nC: a1 STARTTLS\n" + answer + leave)) {
      assertThatThrownBy(() -> ImapFetch.open(server(imap, "localhost", Tls.STARTTLS))).isInstanceOf(IOException.class);
      assertThat(imap.commands()).noneMatch(command -> command.contains("AUTHENTICATE"));
    }
  }

  @Test
  void saysNothingToAServerWithoutTls() throws Exception {
    try (var imap = ScriptedServer.start("S: * OK ready\nLEAVE:\n")) {
      assertThatThrownBy(() -> ImapFetch.open(server(imap, "localhost", Tls.IMPLICIT))).isInstanceOf(IOException.class);
      assertThat(imap.commands()).noneMatch(command -> command.contains("AUTHENTICATE"));
    }
  }

  @Test
  void saysThatANameLeadsNowhere() {
    var server = new Server("imap.invalid", new Place("imap.invalid", 143), Tls.NONE, "submit", "secret",
        new ClientTls(Authorities.OF_SYSTEM));
    assertThatThrownBy(() -> ImapFetch.open(server)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({"imap.example.org, imap.example.org", "imap.example.org:1143, imap.example.org", "127.0.0.1, [127.0.0.1]",
      "[::1], [IPv6:::1]", "[::1]:143, [IPv6:::1]", "'', ''", "imap..org, ''", "'[::1', ''", "imap:x, ''",
      "[fish], ''"})
  void knowsTheHostOfAnAuthority(String authority, String host) {
    assertThat(BurlSettings.hostOf(authority).map(Object::toString).orElse("")).isEqualTo(host);
  }
}
