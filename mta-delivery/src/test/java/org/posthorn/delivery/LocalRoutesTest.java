package org.posthorn.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.smtp.Domain;

/** Which routes take mail for a local domain away from its mailboxes. */
class LocalRoutesTest {
  @ParameterizedTest(name = "a route for {0} leaves mail for here.example {1}")
  @CsvSource({"*, local", "here.example, smtp://relay.example:25", ".example, smtp://relay.example:25"})
  void onlyARouteThatNamesTheDomainDoes(String pattern, String destination) {
    var here = Domain.of("here.example");
    var routes = new Routes(List.of(Routes.Rule.of(pattern, "smtp://relay.example:25")), Set.of(here));
    assertThat(routes.route(here).destination()).hasToString(destination);
  }
}
