package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.dns.AddressResult;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.TlsLevel;
import org.posthorn.delivery.tls.TlsSettings;
import org.posthorn.dns.FixedResolver;
import org.posthorn.dns.MxResult;
import org.posthorn.queue.Outcome;
import org.posthorn.smtp.Domain;

class HostWalkTest {
  private static final Route TO_EXAMPLE = new Route.Mx(Domain.of("example.org"));
  private static final Domain OUR_NAME = Domain.of("us.example");

  private final FixedResolver dns = new FixedResolver()
      .address("mx1.example.org", "192.0.2.1")
      .address("mx2.example.org", "192.0.2.2")
      .address("mx3.example.org", "192.0.2.3")
      .address("us.example", "192.0.2.99");

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
      "in order of preference          | 20 mx2.example.org, 10 mx1.example.org | mx1 mx2        | ",
      "equal ones as the resolver says | 10 mx3.example.org, 10 mx1.example.org | mx3 mx1        | ",
      "not us and those behind us      | 10 mx1.example.org, 20 us.example, 30 mx3.example.org | mx1 | ",
      "not those that are our equals   | 10 mx1.example.org, 20 mx2.example.org, 20 us.example | mx1 | ",
      "nobody when we are the best     | 10 us.example, 20 mx2.example.org       | ''             | 5.4.6",
      "nobody when we are a best one   | 10 mx1.example.org, 10 us.example       | ''             | 5.4.6",
      "a host without an address is left out | 10 none.example.org, 20 mx2.example.org | mx2      | 5.4.4",
      "no host has an address          | 10 none.example.org                     | ''             | 5.4.4",
  })
  void goesAlongTheMailHosts(String what, String hosts, String expected, String obstacle) throws Exception {
    dns.mx("example.org", hosts.split(", ?", -1));
    var walk = walk(TO_EXAMPLE, List.of());
    assertThat(namesOf(walk)).as(what).isEqualTo(expected);
    assertThat(statuses(walk)).containsExactlyElementsOf(obstacle == null ? List.of() : List.of(obstacle));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("answersWithoutHosts")
  void hasNoHostToTryWhenTheDnsNamesNone(MxResult answer, String status, Class<?> outcome) throws Exception {
    dns.mail("example.org", answer);
    var walk = walk(TO_EXAMPLE, List.of());
    assertThat(walk.next()).isEmpty();
    assertThat(walk.obstacles()).singleElement().isInstanceOf(outcome);
    assertThat(statuses(walk)).containsExactly(status);
  }

  static List<Object[]> answersWithoutHosts() {
    return List.of(
        new Object[]{new MxResult.NullMx(), "5.1.10", Outcome.Failed.class},
        new Object[]{new MxResult.NoSuchDomain(), "5.1.2", Outcome.Failed.class},
        new Object[]{new MxResult.NoMailHost(), "5.4.4", Outcome.Failed.class},
        new Object[]{new MxResult.Unavailable("SERVFAIL"), "4.4.3", Outcome.Deferred.class});
  }

  @Test
  void waitsForADnsThatDoesNotKnowTheAddress() throws Exception {
    dns.mx("example.org", "10 lost.example.org")
        .addresses("lost.example.org",
            new AddressResult.Unavailable("timed out"));
    var walk = walk(TO_EXAMPLE, List.of());
    assertThat(walk.next()).isEmpty();
    assertThat(statuses(walk)).containsExactly("4.4.3");
  }

  @Test
  void triesOneAddressOfEachFamily() throws Exception {
    dns.mx("example.org", "10 big.example.org")
        .address("big.example.org", "2001:db8::1", "2001:db8::2", "192.0.2.7",
            "192.0.2.8");
    assertThat(addressesOf(walk(TO_EXAMPLE, List.of())))
        .containsExactly("[2001:db8:0:0:0:0:0:1]:25", "192.0.2.7:25");
  }

  @Test
  void triesTwoAddressesOfAHostWithOneFamily() throws Exception {
    dns.mx("example.org", "10 big.example.org").address("big.example.org", "192.0.2.6", "192.0.2.7", "192.0.2.8");
    assertThat(addressesOf(walk(TO_EXAMPLE, List.of()))).containsExactly("192.0.2.6:25", "192.0.2.7:25");
  }

  @Test
  void triesAtMostFiveHosts() throws Exception {
    dns.mx("example.org",
        IntStream.rangeClosed(1, 9)
            .mapToObj(i -> (i < 4 ? 10 : i * 10) + " h" + i + ".example.org")
            .toArray(String[]::new));
    IntStream.rangeClosed(1, 9).forEach(i -> dns.address("h" + i + ".example.org", "192.0.2." + i));
    assertThat(namesOf(walk(TO_EXAMPLE, List.of()))).isEqualTo("h1 h2 h3 h4 h5");
  }

  @Test
  void asksForTheAddressesOfABackupHostOnlyWhenItIsItsTurn() throws Exception {
    dns.mx("example.org", "10 mx1.example.org", "20 mx2.example.org");
    var walk = walk(TO_EXAMPLE, List.of());
    assertThat(walk.next()).isPresent();
    assertThat(dns.lookUps()).containsExactly("MX example.org", "A mx1.example.org");
    assertThat(walk.next()).isPresent();
    assertThat(dns.lookUps()).contains("A mx2.example.org");
  }

  @ParameterizedTest(name = "a mail host at {0}, while we listen at {1}")
  @CsvSource({"127.0.0.1, 127.0.0.1:25, true", "127.0.0.1, 127.0.0.1:2525, false", "127.0.0.1, 0.0.0.0:25, true",
      "127.0.0.1, 0.0.0.0:2525, false", "192.0.2.1, 0.0.0.0:25, false", "192.0.2.1, 192.0.2.1:25, true"})
  void knowsItselfByAddressAndPort(String address, String listener, boolean isUs) throws Exception {
    dns.mx("example.org", "10 alias.example.org").address("alias.example.org", address);
    String[] parts = listener.split(":", 2);
    var walk = walk(TO_EXAMPLE,
        List.of(new InetSocketAddress(InetAddress.ofLiteral(parts[0]), Integer.parseInt(parts[1]))));
    assertThat(walk.next().isEmpty()).isEqualTo(isUs);
    assertThat(statuses(walk)).isEqualTo(isUs ? List.of("5.4.6") : List.of());
  }

  @ParameterizedTest
  @CsvSource({"smtp://192.0.2.5:2526, 192.0.2.5:2526", "'smtp://[2001:db8::5]:26', '[2001:db8:0:0:0:0:0:5]:26'",
      "smtp://mx1.example.org:587, 192.0.2.1:587", "lmtp://mx2.example.org:24, 192.0.2.2:24",
      "lmtp:/run/lmtp, /run/lmtp", "mx:example.org, 192.0.2.3:25"})
  void goesWhereARouteLeads(String via, String expected) throws Exception {
    dns.mx("example.org", "10 mx3.example.org");
    assertThat(addressesOf(walk(Route.of(via), List.of()))).containsExactly(expected);
    assertThat(dns.lookUps()).as("only mx: asks for MX")
        .noneMatch(lookUp -> lookUp.startsWith("MX")
            && !via.startsWith("mx:"));
  }

  @Test
  void returnsNoMailBecauseTheHostOfARouteHasNoAddress() throws Exception {
    var walk = walk(Route.of("smtp://none.example.org:25"), List.of());
    assertThat(walk.next()).isEmpty();
    assertThat(walk.obstacles()).singleElement().isInstanceOf(Outcome.Deferred.class);
    assertThat(statuses(walk)).containsExactly("4.4.4");
  }

  @Test
  void doesNotFollowARouteToItself() throws Exception {
    var listener = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2525);
    var walk = walk(Route.of("smtp://127.0.0.1:2525"), List.of(listener));
    assertThat(walk.next()).isEmpty();
    assertThat(statuses(walk)).containsExactly("5.4.6");
  }

  private HostWalk walk(Route route, List<InetSocketAddress> listeners) {
    var settings = new DeliverySettings(OUR_NAME, new Ourselves(Set.of(OUR_NAME), listeners), 25, 100,
        ClientTimeouts.DEFAULT, new TlsSettings(TlsLevel.OFF, Authorities.OF_SYSTEM));
    return new HostWalk(route, dns, settings);
  }

  private static String namesOf(HostWalk walk) throws InterruptedException {
    var names = new ArrayList<String>();
    for (var peer = walk.next(); peer.isPresent(); peer = walk.next()) {
      names.add(peer.get().host().toString().replace(".example.org", ""));
    }
    return String.join(" ", names);
  }

  private static List<String> addressesOf(HostWalk walk) throws InterruptedException {
    var addresses = new ArrayList<String>();
    for (var peer = walk.next(); peer.isPresent(); peer = walk.next()) {
      addresses.add(peer.get().where());
    }
    return addresses;
  }

  private static List<String> statuses(HostWalk walk) {
    return walk.obstacles().stream().map(outcome -> outcome.diagnostic().status().toString()).toList();
  }
}
