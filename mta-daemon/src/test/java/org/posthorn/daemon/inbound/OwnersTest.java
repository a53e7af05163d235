package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.smtp.Domain;

class OwnersTest {
  private static final Domain ORG = Domain.of("example.org");
  private static final Domain NET = Domain.of("example.net");

  @Test
  void knowsSinceWhenAndWhatIsUnwanted() {
    var owners = Owners.parse("""
                              # who, since when
                              Alice@example.org since=2019-04-01 no-soliciting=net.example:ADV
                              alice since=2020-01-01T08:00:00+01:00

                              @example.net since=2015-01-01 no-soliciting=a,b
                              * since=2021-01-01
                              """, "owners");
    assertThat(owners.since("ALICE", ORG)).hasValue(Instant.parse("2019-04-01T00:00:00Z"));
    assertThat(owners.since("alice", NET)).hasValue(Instant.parse("2020-01-01T07:00:00Z"));
    assertThat(owners.since("bob", ORG)).hasValue(Instant.parse("2021-01-01T00:00:00Z"));
    assertThat(owners.since(NET)).hasValue(Instant.parse("2015-01-01T00:00:00Z"));
    assertThat(owners.since(ORG)).isEmpty();
    assertThat(owners.unwanted("alice", ORG)).containsExactly("net.example:ADV");
    assertThat(owners.unwanted("bob", NET)).containsExactly("a", "b");
    assertThat(owners.unwanted("bob", ORG)).isEmpty();
    assertThat(Owners.NONE.since("bob", ORG)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"alice since=yesterday, owners:1: not a time such as", "alice no-soliciting=, owners:1: not solicitation",
      "alice until=2020-01-01, owners:1: not since=… or no-soliciting=…", "a@b@@ since=2020-01-01, owners:1: "})
  void saysWhatIsWrongAndWhere(String line, String complaint) {
    assertThatThrownBy(() -> Owners.parse(line, "owners")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(complaint);
  }

  @Test
  void refusesASecondLine() {
    assertThatThrownBy(() -> Owners.parse("alice\nAlice\n", "owners")).hasMessage("owners:2: a second line for Alice");
  }
}
