package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.queue.Handling.TlsWish;

/** REQUIRETLS and TLS-Required (RFC 8689). */
class RequireTlsSessionTest {
  private final Inbound inbound = new Inbound();
  private final SpokenSession session = new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER);

  @Test
  void isOnOfferUnderTlsOnly() {
    assertThat(session.lines("EHLO x\n")).doesNotContain("REQUIRETLS");
    assertThat(session.lines("MAIL FROM:<a@client.example> REQUIRETLS\n")).startsWith("530 5.7.10 ");
    encrypt();
    assertThat(session.lines("EHLO x\n")).contains("250-REQUIRETLS\n");
    assertThat(session.lines("MAIL FROM:<a@client.example> REQUIRETLS=1\n")).startsWith("501 5.5.4 ");
    assertThat(session.lines("MAIL FROM:<a@client.example> REQUIRETLS\n")).startsWith("250 2.1.0 ");
  }

  @ParameterizedTest(name = "{0} with {1} is {2}")
  @CsvSource(delimiter = '|', value = {"'' | Subject: x | USUAL", "REQUIRETLS | Subject: x | REQUIRED",
      "'' | TLS-Required: No | WAIVED", "'' | tls-required:NO | WAIVED", "'' | 'TLS-Required:;  no' | WAIVED",
      "'' | TLS-Required: Yes | USUAL", "'' | TLS-Required: No;TLS-Required: No | USUAL",
      "REQUIRETLS | TLS-Required: No | REQUIRED",
      "'' | TLS-Required: No thanks | USUAL"})
  void isKeptWithTheMessage(String parameter, String header, TlsWish wish) {
    encrypt();
    assertThat(session.lines("EHLO x\nMAIL FROM:<a@client.example>" + (parameter.isEmpty() ? "" : " " + parameter)
        + "\nRCPT TO:<alice@example.org>\nDATA\n"
        + header.replace(";", "\n") + "\n\ntext\n.\n")).contains("250 2.0.0 Queued as ");
    assertThat(inbound.accepted.getLast().envelope().handling().tls()).isEqualTo(wish);
  }

  private void encrypt() {
    session.lines("EHLO x\nSTARTTLS\n");
    session.session().encrypted(new Encryption(new FixedTlsSession()));
  }
}
