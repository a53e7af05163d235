package org.posthorn.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DnsSettingsTest {
  @Test
  void hasTheDefaultsThatItsJavadocSays() {
    assertThat(DnsSettings.of(List.of())).isEqualTo(
        new DnsSettings(List.of(), Duration.ofSeconds(5), 2, 100_000, Duration.ofDays(1), Duration.ofMinutes(5)));
  }

  @ParameterizedTest(name = "{5}")
  @CsvSource({"PT0S, 2, 1, P1D, PT5M, dns.timeout = PT0S", "PT3M, 2, 1, P1D, PT5M, dns.timeout = PT3M",
      "PT5S, 0, 1, P1D, PT5M, dns.attempts = 0", "PT5S, 11, 1, P1D, PT5M, dns.attempts = 11",
      "PT5S, 2, -1, P1D, PT5M, dns.cache-entries = -1", "PT5S, 2, 1, P8D, PT5M, dns.max-ttl = PT192H",
      "PT5S, 2, 1, P1D, P2D, dns.max-negative-ttl = PT48H"})
  void namesTheKeyOfAnImpossibleValue(Duration timeout, int attempts, int entries, Duration ttl, Duration negative,
      String message) {
    assertThatThrownBy(() -> new DnsSettings(List.of(), timeout, attempts, entries, ttl, negative))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .hasMessageContaining("allowed: ");
  }

  @Test
  void refusesAServerThatIsNoAddress() {
    var servers = List.of(InetSocketAddress.createUnresolved("resolver.example", 53));
    assertThatThrownBy(() -> DnsSettings.of(servers)).hasMessageStartingWith("dns.servers = resolver.example");
  }
}
