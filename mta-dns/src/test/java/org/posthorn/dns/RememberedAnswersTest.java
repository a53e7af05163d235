package org.posthorn.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.dns.MxResult.Hosts;
import org.posthorn.smtp.Domain;
import org.posthorn.testkit.FakeDnsServer;
import org.posthorn.testkit.SettableClock;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/** What the resolver remembers, and how many may ask at once. */
@Timeout(60)
class RememberedAnswersTest {
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-22T12:00:00Z"));

  private DnsjavaResolver resolver(FakeDnsServer... servers) {
    List<InetSocketAddress> addresses = List.of(servers).stream().map(FakeDnsServer::address).toList();
    var settings = new DnsSettings(addresses, Duration.ofSeconds(20), 2, 1000, Duration.ofDays(1),
        Duration.ofMinutes(5));
    return new DnsjavaResolver(settings, clock, new Random(1));
  }

  private static Domain domain(String name) {
    return Domain.of(name);
  }

  private static List<String> names(MxResult result) {
    assertThat(result).isInstanceOf(Hosts.class);
    return ((Hosts) result).hosts().stream().map(host -> host.preference() + " " + host.name()).toList();
  }

  @Test
  void doesNotRememberAFailure() throws Exception {
    try (var dns = FakeDnsServer.start("example.org SERVFAIL")) {
      var resolver = resolver(dns);
      assertThat(resolver.mailHosts(domain("example.org"))).isInstanceOf(MxResult.Unavailable.class);
      dns.zone("example.org MX 10 mx.example.org");
      assertThat(names(resolver.mailHosts(domain("example.org")))).containsExactly("10 mx.example.org");
    }
  }

  @Test
  void keepsNobodyWaitingForAQuestionThatAnErrorEnded() {
    var settings = DnsSettings.of(List.of());
    var asked = new AtomicInteger();
    var lookups = new CachedLookups(_ -> {
      asked.incrementAndGet();
      throw new StackOverflowError("a bug");
    }, settings, clock);
    var question = new Question(Name.root, Type.MX);
    assertThatThrownBy(() -> lookups.ask(question).get()).hasCauseInstanceOf(StackOverflowError.class);
    assertThatThrownBy(() -> lookups.ask(question).get()).hasCauseInstanceOf(StackOverflowError.class);
    assertThat(asked).hasValue(2);
  }

  @Test
  void remembersAnAnswerForItsTtl() throws Exception {
    try (var dns = FakeDnsServer.start("example.org 60 MX 10 old.example.org")) {
      var resolver = resolver(dns);
      resolver.mailHosts(domain("example.org"));
      dns.zone("example.org MX 10 new.example.org");
      clock.advance(Duration.ofSeconds(59));
      assertThat(names(resolver.mailHosts(domain("EXAMPLE.org")))).containsExactly("10 old.example.org");
      clock.advance(Duration.ofSeconds(1));
      assertThat(names(resolver.mailHosts(domain("example.org")))).containsExactly("10 new.example.org");
    }
  }

  @ParameterizedTest(name = "{0}: remembered for {1} s")
  @CsvSource({"www.example.org CNAME example.org, 10", "example.org 9999999 MX 1 a.example, 86400",
      "www.example.org 7 CNAME example.org, 7"})
  void remembersForTheShortestTtlOfTheChainAndAtMostADay(String record, int seconds) throws Exception {
    String name = record.substring(0, record.indexOf(' '));
    String end = name.startsWith("www") ? "\nexample.org 10 MX 1 a.example" : "";
    try (var dns = FakeDnsServer.start(record + end)) {
      var resolver = resolver(dns);
      resolver.mailHosts(domain(name));
      clock.advance(Duration.ofSeconds(seconds - 1));
      resolver.mailHosts(domain(name));
      assertThat(dns.count(name, "MX")).isOne();
      clock.advance(Duration.ofSeconds(1));
      resolver.mailHosts(domain(name));
      assertThat(dns.count(name, "MX")).isEqualTo(2);
    }
  }

  @ParameterizedTest(name = "SOA with TTL {0} and minimum {1}: {2} s")
  @CsvSource({"3600, 30, 30", "20, 3600, 20", "86400, 86400, 300"})
  void remembersThatThereIsNothingAsTheSoaSays(int ttl, int minimum, int seconds) throws Exception {
    String soa = "example.org " + ttl + " SOA ns.example.org root.example.org 1 3600 600 86400 " + minimum;
    try (var dns = FakeDnsServer.start(soa)) {
      var resolver = resolver(dns);
      for (String name : List.of("gone.example.org", "example.org")) { // NXDOMAIN, and no data
        resolver.mailHosts(domain(name));
        clock.advance(Duration.ofSeconds(seconds - 1));
        resolver.mailHosts(domain(name));
        assertThat(dns.count(name, "MX")).isOne();
        clock.advance(Duration.ofSeconds(1));
        resolver.mailHosts(domain(name));
        assertThat(dns.count(name, "MX")).isEqualTo(2);
      }
    }
  }

  @Test
  void doesNotRememberANegativeAnswerWithoutSoa() throws Exception {
    try (var dns = FakeDnsServer.start("gone.example NOSOA")) {
      var resolver = resolver(dns);
      resolver.mailHosts(domain("gone.example"));
      resolver.mailHosts(domain("gone.example"));
      assertThat(dns.count("gone.example", "MX")).isEqualTo(2);
    }
  }

  @Test
  void asksOnceForManyWhoWantToKnow() throws Exception {
    try (var dns = FakeDnsServer.start("example.org MX 10 mx.example.org")) {
      var resolver = resolver(dns);
      dns.pause();
      var askers = new ArrayList<FutureTask<MxResult>>();
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < 20; i++) {
        Callable<MxResult> ask = () -> resolver.mailHosts(domain("example.org"));
        var task = new FutureTask<>(ask);
        askers.add(task);
        threads.add(Thread.ofPlatform().start(task));
      }
      while (!threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING)) {
        Thread.onSpinWait();
      }
      dns.resume();
      for (var asker : askers) {
        assertThat(names(asker.get())).containsExactly("10 mx.example.org");
      }
      assertThat(dns.count("example.org", "MX")).isOne();
    }
  }

  @Test
  void stopsWaitingWhenInterruptedAndLeavesTheAnswerToOthers() throws Exception {
    try (var dns = FakeDnsServer.start("example.org MX 10 mx.example.org")) {
      var resolver = resolver(dns);
      dns.pause();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> resolver.mailHosts(domain("example.org"))).isInstanceOf(InterruptedException.class);
      dns.resume();
      assertThat(names(resolver.mailHosts(domain("example.org")))).containsExactly("10 mx.example.org");
      assertThat(dns.count("example.org", "MX")).isOne();
    }
  }
}
