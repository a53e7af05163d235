package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.AccountSource;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.smtp.CommandParser;

/** Who may log in stands in a file: it is looked at each time, and never on the event loop. */
class WatchedAccountsTest {
  /** Has one user, once somebody has looked off the event loop. */
  private static final class Watched implements AccountSource {
    private Accounts known = new Accounts(List.of());
    private boolean mayBlock;

    @Override
    public Accounts get() {
      return known;
    }

    @Override
    public void look() {
      assertThat(mayBlock).as("looks off the event loop").isTrue();
      known = new Accounts(List.of(new Account("alice", List.of(Secret.parse("{PLAIN}x")), List.of(), List.of(),
          List.of(), SendingLimits.NONE, true)));
    }

    @Override
    public boolean isWatched() {
      return true;
    }
  }

  private final Inbound inbound = new Inbound();
  private final Watched users = new Watched();

  @Test
  void helloTellsWhatTheFileSaysNow() {
    var session = session(Terms.of(Kind.SUBMISSION), Inbound.settings());
    session.encrypted(new Encryption(new FixedTlsSession()));
    assertThat(blocking(session, "EHLO client.example")).asString().contains("AUTH PLAIN");
  }

  @Test
  void aFrontEndMayNameWhoeverIsInTheFileNow() {
    var front = new FrontEnds(NetworkSet.of(List.of(SpokenSession.STRANGER)), NetworkSet.NONE);
    var relay = new RelaySettings(NetworkSet.NONE, TrustedCertificates.NONE, List.of(), front, Set.of());
    assertThat(blocking(session(Terms.of(Kind.MX), Inbound.settings().with(relay)), "XCLIENT LOGIN=alice"))
        .isInstanceOfSatisfying(Answer.Become.class, become -> assertThat(become.client().identity())
            .hasValueSatisfying(who -> assertThat(who.actingAs().secrets()).as("that of the file").hasSize(1)));
  }

  @Test
  void nobodyLooksWhereThereIsNoAuth() {
    var session = session(Terms.of(Kind.MX), Inbound.settings());
    assertThat(session.answer(CommandParser.parse("EHLO client.example"))).isInstanceOf(Answer.Now.class);
  }

  private Answer blocking(SmtpSession session, String command) {
    var later = (Answer.Later) session.answer(CommandParser.parse(command));
    users.mayBlock = true;
    return later.work().get();
  }

  private SmtpSession session(Terms terms, InboundSettings settings) {
    var none = AuthSettings.NONE;
    var auth = new AuthSettings(List.of(Mechanism.PLAIN), users, Optional.empty(), Optional.empty(), Optional.empty(),
        false, none.guard(), none.hashing());
    var rules = InboundRules.of(settings.with(auth));
    return new SmtpSession(new Client(InetAddress.ofLiteral(SpokenSession.STRANGER), false), terms, rules,
        new SessionPorts(inbound.intake, inbound.authentication, inbound.quotas, inbound.counters, inbound));
  }
}
