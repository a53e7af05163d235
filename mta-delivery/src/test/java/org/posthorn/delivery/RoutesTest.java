package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.dns.FixedResolver;
import org.posthorn.queue.Destination;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;

class RoutesTest {
  private final Routes routes = new Routes(List.of(
      Routes.Rule.of("partner.example", "smtp://127.0.0.1:2526"),
      Routes.Rule.of(".partner.example", "mx:hub.partner.example"),
      Routes.Rule.of("dovecot.example", "lmtp:/run/dovecot/lmtp"),
      Routes.Rule.of("B\u00fccher.example", "lmtp://127.0.0.1:24")),
      Set.of(Domain.of("example.org"), Domain.of("dovecot.example")));

  @ParameterizedTest
  @CsvSource({"a@partner.example, smtp://127.0.0.1:2526", "a@PARTNER.example, smtp://127.0.0.1:2526",
      "a@x.partner.example, hub.partner.example", "a@x.y.partner.example, hub.partner.example",
      "a@otherpartner.example, otherpartner.example", "a@example.org, local", "a@sub.example.org, sub.example.org",
      "a@dovecot.example, lmtp:/run/dovecot/lmtp", "a@xn--bcher-kva.example, lmtp://127.0.0.1:24",
      "a@[192.0.2.1], [192.0.2.1]", "'a@[IPv6:2001:db8::1]', '[IPv6:2001:db8::1]'", "a@local, mx:local"})
  void sendsMailWhereTheFirstMatchingRuleSays(String address, String destination) {
    var route = routes.route(Mailbox.of(address).host());
    assertThat(route.destination()).hasToString(destination);
  }

  @Test
  void sendsEverythingElseToTheSmarthostOfAStar() {
    var all = new Routes(List.of(Routes.Rule.of("*", "smtp://relay.example:587")), Set.of());
    assertThat(all.route(Domain.of("example.net"))).hasToString("smtp://relay.example:587");
    assertThat(all.route(Mailbox.of("a@[192.0.2.1]").host())).hasToString("smtp://relay.example:587");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "example.org", "mx:local", "[192.0.2.1]", "[IPv6:2001:db8:0:0:0:0:0:1]",
      "smtp://relay.example:25", "smtp://192.0.2.1:25", "smtp://[2001:db8:0:0:0:0:0:1]:25", "lmtp://127.0.0.1:24",
      "lmtp:/run/lmtp"})
  void readsARouteBackFromTheNameOfItsDestination(String name) {
    var route = Route.of(new Destination(name));
    assertThat(Route.of(route.destination())).isEqualTo(route);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "relay.example", "smtp://relay.example", "smtp://:25", "smtp://relay.example:0",
      "smtp://relay.example:65536", "smtp://relay.example:port", "smtps://relay.example:465", "lmtp:relative",
      "lmtp://host", "mx:", "smtp://[::1:25"})
  void refusesARouteThatIsNone(String via) {
    assertThatThrownBy(() -> Route.of(via)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void explainsWhereMailWouldGo() throws Exception {
    var dns = new FixedResolver().mx("example.net", "10 mx1.example.net", "20 gone.example.net")
        .address("mx1.example.net", "192.0.2.1", "2001:db8::1");
    var router = new Router(() -> routes, dns, Outbound.settings(ClientTimeouts.DEFAULT, 25));
    var explained = router.explain(Mailbox.of("a@example.net"));
    assertThat(explained.route()).hasToString("example.net");
    assertThat(explained.why()).contains("MX");
    assertThat(explained.servers()).extracting(RouteExplanation.Server::address)
        .containsExactly("[2001:db8:0:0:0:0:0:1]:25", "192.0.2.1:25");
    assertThat(explained.obstacles()).singleElement()
        .satisfies(obstacle -> assertThat(obstacle.text()).contains("gone.example.net"));
    assertThat(router.explain(Mailbox.of("a@partner.example")).why()).contains("partner.example");
    assertThat(router.explain(Mailbox.of("a@example.org")).route()).isEqualTo(new Route.Local());
    assertThat(router.explain(Mailbox.of("a@example.org")).why()).isEqualTo("example.org is a local domain");
  }

  @Test
  void namesNoRouteForMailThatItsServerComesFor() throws Exception {
    var waiting = new Routes(List.of(Routes.Rule.onDemand(Domain.of("branch.example"), List.of())), Set.of());
    var router = new Router(() -> waiting, new FixedResolver(), Outbound.settings(ClientTimeouts.DEFAULT, 25));
    assertThat(router.explain(Mailbox.of("a@branch.example")).why()).isEqualTo("its server comes for it");
  }
}
