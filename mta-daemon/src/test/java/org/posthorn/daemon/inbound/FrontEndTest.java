package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.smtp.ClientAttributes.Name;
import org.posthorn.smtp.ClientAttributes;

/** What the client is trusted with that a server in front of us speaks for. */
class FrontEndTest {
  @Test
  void theCertificateOfTheFrontEndIsNotThatOfItsClient() {
    var front = new Client(InetAddress.ofLiteral("198.51.100.7"), false);
    front.setEncryption(new Encryption(new FixedTlsSession()), true);
    assertThat(front.isTrusted()).isTrue();
    var spokenFor = new FrontEnd(front, InboundRules.of(Inbound.settings())).spokenFor(said(Name.NAME, "x.example"));
    assertThat(spokenFor.isTrusted()).isFalse();
    assertThat(spokenFor.isEncrypted()).isTrue();
  }

  @Test
  void vouchesForNobodyWhoseAccountIsDisabled() {
    var all = Inbound.settings();
    var none = AuthSettings.NONE;
    var accounts = new Accounts(List.of(Account.named("gone").withEnabled(false), Account.named("here")));
    var auth = new AuthSettings(AuthSettings.STANDARD, () -> accounts, Optional.empty(), Optional.empty(),
        Optional.empty(), false, none.guard(), none.hashing());
    var front = new FrontEnd(new Client(InetAddress.ofLiteral("198.51.100.7"), false),
        InboundRules.of(all.with(auth)));
    assertThat(front.spokenFor(said(Name.LOGIN, "here")).identity()).isPresent();
    assertThat(front.spokenFor(said(Name.LOGIN, "gone")).identity()).isEmpty();
  }

  private static ClientAttributes said(Name name, String value) {
    return new ClientAttributes(Map.of(name, Optional.of(value)));
  }
}
