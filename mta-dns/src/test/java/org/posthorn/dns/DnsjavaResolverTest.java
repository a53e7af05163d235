package org.posthorn.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.dns.AddressResult.Addresses;
import org.posthorn.dns.MxResult.Hosts;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.FakeDnsServer;
import org.posthorn.testkit.SettableClock;

@Timeout(60)
class DnsjavaResolverTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(60);
  /** Where one server does not answer and another must. */
  private static final Duration ENOUGH = Duration.ofSeconds(2);

  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-22T12:00:00Z"));

  private DnsjavaResolver resolver(FakeDnsServer... servers) {
    return resolver(LONG, servers);
  }

  private DnsjavaResolver resolver(Duration timeout, FakeDnsServer... servers) {
    List<InetSocketAddress> addresses = List.of(servers).stream().map(FakeDnsServer::address).toList();
    var settings = new DnsSettings(addresses, timeout, 2, 1000, Duration.ofDays(1), Duration.ofMinutes(5));
    return new DnsjavaResolver(settings, clock, new Random(1));
  }

  private static Domain domain(String name) {
    return Domain.of(name);
  }

  private static List<String> names(MxResult result) {
    assertThat(result).isInstanceOf(Hosts.class);
    return ((Hosts) result).hosts().stream().map(host -> host.preference() + " " + host.name()).toList();
  }

  private static List<String> literals(AddressResult result) {
    assertThat(result).isInstanceOf(Addresses.class);
    return ((Addresses) result).addresses().stream().map(InetAddress::getHostAddress).toList();
  }

  @Test
  void sortsMailHostsByPreference() throws Exception {
    try (var dns = FakeDnsServer.start("""
                                       example.org MX 20 second.example.org
                                       example.org MX 5 First.Example.org
                                       example.org MX 30 third.example.net
                                       """)) {
      assertThat(names(resolver(dns).mailHosts(domain("example.org")))).containsExactly("5 first.example.org",
          "20 second.example.org", "30 third.example.net");
    }
  }

  @Test
  void believesNoServerThatOnlyNamesOthers() throws Exception {
    try (var other = FakeDnsServer.start("example.org REFERRAL");
        var dns = FakeDnsServer.start("example.org MX 10 mx.example.org")) {
      assertThat(names(resolver(other, dns).mailHosts(domain("example.org")))).containsExactly("10 mx.example.org");
      assertThat(resolver(other).mailHosts(domain("example.org"))).isInstanceOf(MxResult.Unavailable.class);
    }
  }

  @Test
  void shufflesHostsOfEqualPreferenceAtEachLookUp() throws Exception {
    try (var dns = FakeDnsServer.start("""
                                       example.org MX 10 a.example.org
                                       example.org MX 10 b.example.org
                                       example.org MX 10 c.example.org
                                       example.org MX 20 last.example.org
                                       """)) {
      var resolver = resolver(dns);
      Set<String> firsts = new HashSet<>();
      for (int i = 0; i < 50; i++) {
        List<String> hosts = names(resolver.mailHosts(domain("example.org")));
        firsts.add(hosts.getFirst());
        assertThat(hosts).hasSize(4).endsWith("20 last.example.org");
      }
      assertThat(firsts).hasSize(3);
      assertThat(dns.count("example.org", "MX")).isOne();
    }
  }

  @Test
  void namesAHostOnceWithItsBestPreference() throws Exception {
    try (var dns = FakeDnsServer.start("example.org MX 30 mx.example.org\nexample.org MX 10 MX.example.org")) {
      assertThat(names(resolver(dns).mailHosts(domain("example.org")))).containsExactly("10 mx.example.org");
    }
  }

  @ParameterizedTest(name = "{0} takes its mail itself")
  @CsvSource({"four.example, A 192.0.2.1", "six.example, AAAA 2001:db8::1"})
  void takesTheDomainItselfWhenItHasAnAddressButNoMx(String name, String record) throws Exception {
    try (var dns = FakeDnsServer.start(name + " " + record)) {
      assertThat(names(resolver(dns).mailHosts(domain(name)))).containsExactly("0 " + name);
    }
  }

  @Test
  void doesNotFallBackToAnAddressWhenTheMxIsOfNoUse() throws Exception {
    try (var dns = FakeDnsServer.start("example.org MX 10 192.0.2.7\nexample.org A 192.0.2.1")) {
      assertThat(resolver(dns).mailHosts(domain("example.org"))).isEqualTo(new MxResult.NoMailHost());
      assertThat(dns.count("example.org", "A")).isZero();
    }
  }

  @Test
  void findsNoMailHostWithoutMxAndAddress() throws Exception {
    try (var dns = FakeDnsServer.start("example.org TXT v=spf1 -all")) {
      assertThat(resolver(dns).mailHosts(domain("example.org"))).isEqualTo(new MxResult.NoMailHost());
    }
  }

  @Test
  void tellsANullMx() throws Exception {
    try (var dns = FakeDnsServer.start("example.org MX 0 .\nexample.org A 192.0.2.1")) {
      assertThat(resolver(dns).mailHosts(domain("example.org"))).isEqualTo(new MxResult.NullMx());
    }
  }

  @Test
  void ignoresTheRootAndAddressesAmongOtherHosts() throws Exception {
    try (var dns = FakeDnsServer.start("""
                                       example.org MX 0 .
                                       example.org MX 5 192.0.2.1
                                       example.org MX 10 mx.example.org
                                       """)) {
      assertThat(names(resolver(dns).mailHosts(domain("example.org")))).containsExactly("10 mx.example.org");
    }
  }

  @ParameterizedTest(name = "an alias is followed, by the server or by us: {0}")
  @ValueSource(strings = {"", "alias.example NOCHASE\nwww.example NOCHASE"})
  void followsAnAlias(String behaviour) throws Exception {
    try (var dns = FakeDnsServer.start("""
                                       alias.example CNAME www.example
                                       www.example CNAME example.org
                                       example.org MX 10 mx.example.org
                                       """ + behaviour)) {
      assertThat(names(resolver(dns).mailHosts(domain("alias.example")))).containsExactly("10 mx.example.org");
    }
  }

  @ParameterizedTest(name = "a loop is cut: {0}")
  @ValueSource(strings = {"", "a.example NOCHASE\nb.example NOCHASE"})
  void cutsALoopOfAliases(String behaviour) throws Exception {
    try (var dns = FakeDnsServer.start("a.example CNAME b.example\nb.example CNAME a.example\n" + behaviour)) {
      assertThat(resolver(dns).mailHosts(domain("a.example"))).isInstanceOf(MxResult.Unavailable.class)
          .extracting(Object::toString)
          .asString()
          .contains("CNAME loop");
    }
  }

  @Test
  void tellsADomainThatDoesNotExistAlsoAtTheEndOfAnAlias() throws Exception {
    try (var dns = FakeDnsServer.start("alias.example CNAME gone.example")) {
      var resolver = resolver(dns);
      assertThat(resolver.mailHosts(domain("nowhere.example"))).isEqualTo(new MxResult.NoSuchDomain());
      assertThat(resolver.mailHosts(domain("alias.example"))).isEqualTo(new MxResult.NoSuchDomain());
      assertThat(resolver.addresses(domain("nowhere.example"))).isEqualTo(new AddressResult.None());
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"SERVFAIL, SERVFAIL", "REFUSED, REFUSED", "GARBAGE, malformed answer",
      "TIMEOUT, no answer within 300 ms"})
  void isUnavailableWhenTheServerIsOfNoUse(String behaviour, String reason) throws Exception {
    try (var dns = FakeDnsServer.start("example.org " + behaviour)) {
      var resolver = resolver(behaviour.equals("TIMEOUT") ? SHORT : LONG, dns);
      assertThat(resolver.mailHosts(domain("example.org"))).isInstanceOf(MxResult.Unavailable.class)
          .extracting(Object::toString)
          .asString()
          .contains(reason, "MX of example.org", "127.0.0.1 port " + dns.address().getPort());
      assertThat(resolver.addresses(domain("example.org"))).isInstanceOf(AddressResult.Unavailable.class)
          .extracting(Object::toString)
          .asString()
          .contains(reason, "AAAA of example.org");
    }
  }

  @Test
  void isUnavailableWhenTheServerIsDown() throws Exception {
    var dns = FakeDnsServer.start("");
    var resolver = resolver(dns);
    dns.close();
    assertThat(resolver.mailHosts(domain("example.org"))).isInstanceOf(MxResult.Unavailable.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SERVFAIL", "REFUSED", "TIMEOUT", "GARBAGE"})
  void asksTheNextServer(String behaviour) throws Exception {
    try (var bad = FakeDnsServer.start("example.org " + behaviour);
        var good = FakeDnsServer.start("example.org MX 10 mx.example.org")) {
      assertThat(
          names(resolver(behaviour.equals("TIMEOUT") ? ENOUGH : LONG, bad, good).mailHosts(domain("example.org"))))
          .containsExactly("10 mx.example.org");
      assertThat(bad.count("example.org", "MX")).isOne();
    }
  }

  @Test
  void asksASilentServerAgainButNotOneThatFails() throws Exception {
    try (var silent = FakeDnsServer.start("example.org TIMEOUT");
        var failing = FakeDnsServer.start("example.org SERVFAIL")) {
      resolver(ENOUGH, silent, failing).mailHosts(domain("example.org"));
      assertThat(silent.count("example.org", "MX")).isEqualTo(2);
      assertThat(failing.count("example.org", "MX")).isOne();
    }
  }

  @Test
  void asksWithoutEdnsWhereThatIsNotKnown() throws Exception {
    try (var old = FakeDnsServer.start("example.org MX 10 mx.example.org\nexample.org NOEDNS")) {
      assertThat(names(resolver(old).mailHosts(domain("example.org")))).containsExactly("10 mx.example.org");
      assertThat(old.count("example.org", "MX")).isEqualTo(2);
    }
  }

  @Test
  void isUnavailableWhenTheAddressForAnImplicitMxIs() throws Exception {
    try (var dns = FakeDnsServer.start("example.org TXT x\nexample.org SERVFAIL A\nexample.org SERVFAIL AAAA")) {
      assertThat(resolver(dns).mailHosts(domain("example.org"))).isInstanceOf(MxResult.Unavailable.class);
    }
  }

  @Test
  void asksByTcpWhenTheAnswerIsTruncated() throws Exception {
    try (var dns = FakeDnsServer.start("example.org MX 10 mx.example.org\nexample.org TRUNCATE")) {
      assertThat(names(resolver(dns).mailHosts(domain("example.org")))).containsExactly("10 mx.example.org");
      assertThat(dns.queries()).extracting(FakeDnsServer.Query::transport).containsExactly("UDP", "TCP");
    }
  }

  @Test
  void takesAnAnswerOfManyRecordsByTcp() throws Exception {
    var zone = new StringBuilder();
    IntStream.range(0, 300).forEach(i -> zone.append("example.org MX 10 mx" + i + ".example.org\n"));
    try (var dns = FakeDnsServer.start(zone.toString())) {
      assertThat(names(resolver(dns).mailHosts(domain("example.org")))).hasSize(300);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"MISMATCH", "WRONGSOURCE"})
  void ignoresAForgedAnswer(String behaviour) throws Exception {
    try (var dns = FakeDnsServer.start("example.org MX 10 mx.example.org\nexample.org " + behaviour)) {
      assertThat(names(resolver(dns).mailHosts(domain("example.org")))).containsExactly("10 mx.example.org");
    }
  }

  @Test
  void givesIpv6AddressesFirstAndEachOnce() throws Exception {
    try (var dns = FakeDnsServer.start("""
                                       mx.example A 192.0.2.1
                                       mx.example A 192.0.2.2
                                       mx.example AAAA 2001:db8::1
                                       mx.example AAAA ::ffff:192.0.2.2
                                       """)) {
      assertThat(literals(resolver(dns).addresses(domain("mx.example"))))
          .containsExactlyInAnyOrder("2001:db8:0:0:0:0:0:1",
              "192.0.2.1", "192.0.2.2")
          .startsWith("2001:db8:0:0:0:0:0:1");
    }
  }

  @Test
  void dropsAddressesThatLeadNowhere() throws Exception {
    try (var dns = FakeDnsServer.start("mx.example A 0.0.0.0\nmx.example AAAA ::\nmx.example A 224.0.0.1")) {
      assertThat(resolver(dns).addresses(domain("mx.example"))).isEqualTo(new AddressResult.None());
    }
  }

  @ParameterizedTest(name = "{0} fails, the other family is enough")
  @CsvSource({"AAAA, A 192.0.2.1, 192.0.2.1", "A, AAAA 2001:db8::1, 2001:db8:0:0:0:0:0:1"})
  void takesOneFamilyWhenTheOtherFails(String failing, String record, String expected) throws Exception {
    try (var dns = FakeDnsServer.start("mx.example " + record + "\nmx.example SERVFAIL " + failing)) {
      assertThat(literals(resolver(dns).addresses(domain("mx.example")))).containsExactly(expected);
    }
  }

  @Test
  void isUnavailableWhenOneFamilyFailsAndTheOtherIsEmpty() throws Exception {
    try (var dns = FakeDnsServer.start("mx.example TXT x\nmx.example SERVFAIL AAAA")) {
      assertThat(resolver(dns).addresses(domain("mx.example"))).isInstanceOf(AddressResult.Unavailable.class);
    }
  }

  @Test
  void knowsLocalhostWithoutAsking() throws Exception {
    try (var dns = FakeDnsServer.start("")) {
      assertThat(literals(resolver(dns).addresses(domain("localhost")))).containsExactly("0:0:0:0:0:0:0:1",
          "127.0.0.1");
      assertThat(dns.queries()).isEmpty();
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"192.0.2.1, 1.2.0.192.in-addr.arpa, A",
      "2001:db8::1, 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa, AAAA"})
  void confirmsANameThatLeadsBack(String address, String reverse, String type) throws Exception {
    try (var dns = FakeDnsServer.start("""
                                       %2$s PTR liar.example
                                       %2$s PTR host.example
                                       liar.example A 192.0.2.99
                                       host.example %3$s %1$s
                                       """.formatted(address, reverse, type))) {
      assertThat(resolver(dns).confirmedName(InetAddress.ofLiteral(address))).contains(domain("host.example"));
    }
  }

  @ParameterizedTest(name = "no name: {0}")
  @ValueSource(strings = {"1.2.0.192.in-addr.arpa PTR liar.example\nliar.example A 192.0.2.99",
      "1.2.0.192.in-addr.arpa PTR gone.example", "", "1.2.0.192.in-addr.arpa SERVFAIL",
      "1.2.0.192.in-addr.arpa PTR 192.0.2.1", "1.2.0.192.in-addr.arpa TIMEOUT",
      "1.2.0.192.in-addr.arpa PTR slow.example\nslow.example TIMEOUT"})
  void confirmsNoNameThatDoesNotLeadBack(String zone) throws Exception {
    try (var dns = FakeDnsServer.start(zone)) {
      assertThat(resolver(SHORT, dns).confirmedName(InetAddress.ofLiteral("192.0.2.1"))).isEmpty();
    }
  }

  @Test
  void worksOnVirtualThreads() throws Exception {
    var zone = new StringBuilder();
    IntStream.range(0, 200).forEach(i -> zone.append("d" + i + ".example MX 10 mx" + i + ".example\n"));
    try (var dns = FakeDnsServer.start(zone.toString())) {
      var resolver = resolver(dns);
      var tasks = new ArrayList<FutureTask<MxResult>>();
      for (int i = 0; i < 200; i++) {
        var domain = domain("d" + i + ".example");
        var task = new FutureTask<>(() -> resolver.mailHosts(domain));
        tasks.add(task);
        Thread.ofVirtual().start(task);
      }
      for (int i = 0; i < 200; i++) {
        assertThat(names(tasks.get(i).get())).containsExactly("10 mx" + i + ".example");
      }
    }
  }
}
