package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkSetTest {
  private final NetworkSet networks = NetworkSet.of(
      List.of("192.0.2.0/25", "198.51.100.7", "2001:db8::/33", "[::1]/128", "10.0.0.0/8"));

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"192.0.2.0, true", "192.0.2.127, true", "192.0.2.128, false", "198.51.100.7, true",
      "198.51.100.6, false", "2001:db8:7fff::1, true", "2001:db8:8000::1, false", "::1, true", "::2, false",
      "::ffff:10.1.2.3, true", "10.255.255.255, true", "11.0.0.0, false", "0.0.0.0, false"})
  void contains(String address, boolean expected) {
    assertThat(networks.contains(InetAddress.ofLiteral(address))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"192.0.2.1/24, bits beyond the prefix", "192.0.2.0/33, prefix length not 0 to 32",
      "::/129, prefix length not 0 to 128", "example.org, not a network", "192.0.2.0/, prefix length",
      "192.0.2.0/-1, prefix length", "'', not a network"})
  void refusesWhatIsNoNetwork(String text, String message) {
    assertThatThrownBy(() -> NetworkSet.of(List.of(text))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .hasMessageEndingWith(": " + text);
  }
}
