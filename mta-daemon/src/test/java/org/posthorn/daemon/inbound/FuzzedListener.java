package org.posthorn.daemon.inbound;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.ClientTls;
import org.posthorn.smtp.Domain;

/** Settings under which every command has something to do. */
final class FuzzedListener {
  static final NetworkSet TRUSTED = NetworkSet.of(List.of("192.0.2.0/24"));
  /** Servers in front of us, of which some are trusted. */
  static final NetworkSet FRONT_ENDS = NetworkSet.of(List.of("203.0.113.0/24", "192.0.2.128/25"));
  static final List<Mechanism> MECHANISMS = List.of(Mechanism.values());
  private static final Domain WAITING = Domain.of("example.com");

  private FuzzedListener() {}

  /** Returns them; {@code imap} is where BURL fetches. Who is not {@code isPatient} ends sessions after a few errors. */
  static InboundSettings settings(BurlSettings.Place imap, boolean isPatient) {
    var owners = Owners.parse("""
                              alice since=2019-04-01
                              bob since=2026-11-01 no-soliciting=net.example:BOB
                              """, "owners");
    var room = new CheckpointSettings.Bound(10, 1_000_000);
    var extensions = ExtensionSettings.DEFAULT.with(onDemand())
        .with(new ConsentSettings(List.of("net.example:ADV"), Optional.of(owners), Duration.ofDays(5)))
        .with(new BurlSettings(
            List.of(new BurlSettings.Server("imap.example.org", imap, BurlSettings.Tls.NONE, "submit", "secret",
                new ClientTls(Authorities.OF_SYSTEM)))))
        .with(new CheckpointSettings(true, Duration.ofDays(2), room, room));
    var session = isPatient
        ? new SessionSettings(2048, 10_000, 1_000_000, true, true, false)
        : new SessionSettings(2048, 8, 12, true, true, false);
    return Inbound.settings(ConnectionLimits.DEFAULT, session, new MessageLimits(65_536, 100, 65_536, 65_536, 100))
        .with(new RelaySettings(TRUSTED, TrustedCertificates.NONE, List.of(), new FrontEnds(FRONT_ENDS, FRONT_ENDS),
            Set.of(Domain.of("relayed.example"))))
        .with(auth())
        .with(extensions);
  }

  private static AuthSettings auth() {
    var alice = new Account("alice@example.org", List.of(Secret.parse("{PLAIN}wonderland")), List.of(), List.of(),
        List.of(), SendingLimits.NONE, true);
    return new AuthSettings(MECHANISMS, () -> new Accounts(List.of(alice)), Optional.empty(), Optional.empty(),
        Optional.empty(), true, GuardSettings.DEFAULT, AuthSettings.NONE.hashing());
  }

  private static OnDemandSettings onDemand() {
    return new OnDemandSettings(List.of(WAITING, Domain.of("broken.example"), Domain.of("often.example")),
        Set.of("smtp://gate:25"), NetworkSet.of(List.of("198.51.100.0/24", "192.0.2.0/24")),
        Map.of("alice@example.org", Set.of(WAITING, Domain.of("idle.example"), Domain.of("visited.example"))));
  }
}
