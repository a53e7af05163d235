package org.posthorn.daemon.inbound.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.posthorn.daemon.inbound.Inbound;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.InboundSettings;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.dns.AddressResult;
import org.posthorn.dns.MailResolver;
import org.posthorn.dns.MxResult;
import org.posthorn.smtp.Domain;

class NettyListenerTest {
  private final Inbound inbound = new Inbound();
  private Optional<NettyListener> running = Optional.empty();

  @AfterEach
  void stop() {
    running.ifPresent(NettyListener::close);
  }

  @Test
  void takesAMessageForALocalUser() throws Exception {
    try (var client = new TalkingClient(listen(Inbound.settings()))) {
      assertThat(client.reply()).startsWith("220 mx.example.org ESMTP");
      assertThat(client.ask("EHLO client.example")).startsWith("250-mx.example.org\n").contains("250-PIPELINING\n");
      assertThat(client.ask("MAIL FROM:<s@client.example>")).startsWith("250 2.1.0");
      assertThat(client.ask("RCPT TO:<Alice@Example.org>")).startsWith("250 2.1.5");
      assertThat(client.ask("DATA")).startsWith("354");
      assertThat(client.ask("Subject: hello\r\n\r\n..dot\r\n.")).startsWith("250 2.0.0 Queued as 0");
      assertThat(client.ask("QUIT")).startsWith("221 2.0.0");
      assertThat(client.isClosedByServer()).isTrue();
    }
    var stored = inbound.spool.message();
    assertThat(stored.text()).isEqualTo("""
                                        Received: from client.example ([127.0.0.1])
                                        \tby mx.example.org (Posthorn) with ESMTP id 0000000000000001
                                        \tfor <Alice@example.org>;
                                        \tSun, 22 Nov 2026 07:30:00 +0000
                                        Subject: hello

                                        .dot
                                        """.replace("\n", "\r\n"));
    assertThat(stored.message().envelope().recipients().getFirst().address()).hasToString("alice@example.org");
    assertThat(inbound.accepted).containsExactly(stored.message());
  }

  private InetSocketAddress listen(InboundSettings settings) throws Exception {
    var listener = new NettyListener(new Reception.Ports(inbound.intake, new NoNames(), inbound.counters),
        InboundRules.of(settings));
    running = Optional.of(listener);
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return listener.listen(List.of(new ListenerSettings(List.of(anyPort), ListenerSettings.Kind.MX))).getFirst();
  }

  private record NoNames() implements MailResolver {
    @Override
    public MxResult mailHosts(Domain domain) {
      throw new UnsupportedOperationException();
    }

    @Override
    public AddressResult addresses(Domain host) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Domain> confirmedName(InetAddress address) {
      return Optional.empty();
    }
  }
}
