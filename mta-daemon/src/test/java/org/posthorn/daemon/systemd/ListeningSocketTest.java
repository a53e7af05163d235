package org.posthorn.daemon.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListeningSocketTest {
  @TempDir
  private Path folder;
  private static final int NO_DESCRIPTOR = 1_000_000;
  private static final int STANDARD_INPUT = 0;

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void knowsWhereADescriptorListens(String host) throws Exception {
    var address = InetAddress.ofLiteral(host);
    var family = address instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    try (var channel = ServerSocketChannel.open(family)) {
      channel.bind(new InetSocketAddress(address, 0));
      assertThat(ListeningSocket.address(ListeningSocket.descriptorOf(channel))).isEqualTo(channel.getLocalAddress());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lmtp", "lmtp \u00e9"})
  void knowsAtWhichPathADescriptorListens(String name) throws Exception {
    var path = UnixDomainSocketAddress.of(folder.resolve(name));
    try (var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(path);
      assertThat(ListeningSocket.address(ListeningSocket.descriptorOf(channel))).isEqualTo(path);
    }
  }

  @Test
  void refusesWhatIsNoListeningSocket() {
    assertThatIOException().isThrownBy(() -> ListeningSocket.address(NO_DESCRIPTOR)).withMessageContaining("errno 9");
    assertThatIOException().isThrownBy(() -> ListeningSocket.address(STANDARD_INPUT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "x"})
  void takesNoSocketsThatAreForAnotherProcess(String pid) throws Exception {
    assertThat(InheritedSocket.takeAll(Map.of("LISTEN_PID", pid, "LISTEN_FDS", "1"))).isEmpty();
  }
}
