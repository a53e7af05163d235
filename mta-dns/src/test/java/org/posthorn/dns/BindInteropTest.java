package org.posthorn.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.posthorn.dns.AddressResult.Addresses;
import org.posthorn.dns.MxResult.Hosts;
import org.posthorn.dns.MxResult.MxHost;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.BindServer;
import org.posthorn.testkit.Needs;

/** The resolver against BIND's named, with what real zones have. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BindInteropTest {
  /** BIND takes at most 100 records of a type for a name; these do not fit a datagram. */
  private static final String MANY = IntStream.range(0, 90)
      .mapToObj(i -> "MX " + i + " mail-host-number-" + i)
      .collect(Collectors.joining("\nmany "));
  private static final String ZONE = """
                                     @ MX 20 backup
                                     @ MX 10 mx1
                                     @ MX 10 mx2
                                     mx1 A 192.0.2.1
                                     mx1 AAAA 2001:db8::1
                                     mx2 A 192.0.2.2
                                     backup A 192.0.2.3
                                     null MX 0 .
                                     alias CNAME null
                                     loop CNAME pool
                                     pool CNAME loop
                                     plain A 192.0.2.9
                                     text TXT "nothing here"
                                     *.wild MX 5 mx1
                                     """;
  private static final String REVERSE = "1 PTR mx1.example.test.\n2 PTR liar.example.test.\n";

  private BindServer bind;
  private DnsjavaResolver resolver;

  @BeforeAll
  void start() throws Exception {
    Needs.program("named");
    bind = BindServer.start(Map.of("example.test", ZONE + "many " + MANY, "2.0.192.in-addr.arpa", REVERSE));
    var settings = new DnsSettings(List.of(bind.address()), Duration.ofSeconds(5), 2, 100, Duration.ofDays(1),
        Duration.ofMinutes(5));
    resolver = new DnsjavaResolver(settings, InstantSource.system(), new Random(1));
  }

  @AfterAll
  void stop() throws Exception {
    if (bind != null) {
      bind.close();
    }
  }

  private MxResult mail(String name) throws InterruptedException {
    return resolver.mailHosts(Domain.of(name));
  }

  @Test
  void findsMailHostsByPreference() throws Exception {
    assertThat(mail("example.test")).isInstanceOfSatisfying(Hosts.class, found -> {
      assertThat(found.hosts()).hasSize(3).endsWith(new MxHost(20, Domain.of("backup.example.test")));
    });
  }

  @Test
  void tellsANullMxAlsoBehindAnAlias() throws Exception {
    assertThat(mail("null.example.test")).isEqualTo(new MxResult.NullMx());
    assertThat(mail("alias.example.test")).isEqualTo(new MxResult.NullMx());
  }

  @Test
  void findsTheHostsOfAWildcard() throws Exception {
    assertThat(mail("any.wild.example.test"))
        .isEqualTo(new Hosts(List.of(new MxHost(5, Domain.of("mx1.example.test")))));
  }

  @Test
  void takesADomainWithAnAddressForItsOwnHost() throws Exception {
    assertThat(mail("plain.example.test"))
        .isEqualTo(new Hosts(List.of(new MxHost(0, Domain.of("plain.example.test")))));
  }

  @Test
  void tellsWhatIsNotThereFromWhatIsUnknown() throws Exception {
    assertThat(mail("gone.example.test")).isEqualTo(new MxResult.NoSuchDomain());
    assertThat(mail("text.example.test")).isEqualTo(new MxResult.NoMailHost());
    assertThat(mail("loop.example.test")).isInstanceOf(MxResult.Unavailable.class);
    assertThat(mail("elsewhere.test")).isInstanceOf(MxResult.Unavailable.class); // REFUSED: not its zone
  }

  @Test
  void takesALongAnswerByTcp() throws Exception {
    assertThat(mail("many.example.test")).isInstanceOfSatisfying(Hosts.class,
        found -> assertThat(found.hosts()).hasSize(90)
            .startsWith(new MxHost(0, Domain.of("mail-host-number-0.example.test"))));
  }

  @Test
  void findsBothFamiliesOfAddresses() throws Exception {
    assertThat(resolver.addresses(Domain.of("mx1.example.test")))
        .isEqualTo(new Addresses(List.of(InetAddress.ofLiteral("2001:db8::1"), InetAddress.ofLiteral("192.0.2.1"))));
  }

  @Test
  void confirmsOnlyANameThatLeadsBack() throws Exception {
    assertThat(resolver.confirmedName(InetAddress.ofLiteral("192.0.2.1"))).contains(Domain.of("mx1.example.test"));
    assertThat(resolver.confirmedName(InetAddress.ofLiteral("192.0.2.2"))).isEmpty();
  }
}
