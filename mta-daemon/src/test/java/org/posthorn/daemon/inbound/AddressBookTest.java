package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;

/** Users alice and bob in example.org and example.net, erin only in example.net. */
class AddressBookTest {
  private static final String ALIASES = """
                                        # who is who
                                        postmaster: root
                                        root: alice
                                        team: alice, bob,
                                          carol@elsewhere.example
                                          # a comment does not end the entry

                                        everybody: team, erin, Team, bob@example.org
                                        "Odd Name": "odd box"@elsewhere.example
                                        bob: bob, bob@backup.example
                                        sales@example.net: <erin@example.net>
                                        sales: alice
                                        team+lead: bob
                                        @example.net: catch@elsewhere.example
                                        """;

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {
      "alice@example.org | alice@example.org",
      "ALICE@example.net | alice@example.net",
      "alice+any+tag@example.org | alice@example.org",
      "erin@example.net | Erin@example.net",
      "erin@example.org |",
      "nobody@example.org |",
      "+tag@example.org |",
      "nobody@example.net | catch@elsewhere.example",
      "postmaster@example.org | alice@example.org",
      "PostMaster@example.net | alice@example.org",
      "MAILER-DAEMON@example.org | alice@example.org",
      "team@example.org | alice@example.org bob@example.org bob@backup.example carol@elsewhere.example",
      "team+tag@example.org | alice@example.org bob@example.org bob@backup.example carol@elsewhere.example",
      "team+lead@example.org | bob@example.org bob@backup.example",
      "everybody@example.org | alice@example.org bob@example.org bob@backup.example carol@elsewhere.example "
          + "Erin@example.net",
      "\"odd name\"@example.org | \"odd box\"@elsewhere.example",
      "bob@example.org | bob@example.org bob@backup.example",
      "sales@example.net | Erin@example.net",
      "sales@example.org | alice@example.org"})
  void leadsTo(String address, String targets) {
    var mailbox = Mailbox.of(address);
    var found = book(ALIASES).find(mailbox.localPart(), (Domain) mailbox.host());
    assertThat(found.stream().map(Mailbox::toString).collect(Collectors.joining(" ")))
        .isEqualTo(Optional.ofNullable(targets).orElse(""));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(delimiter = '|', value = {
      "a: b\\nb: c\\nc: a | aliases:1: the alias leads back to itself",
      "a: a | aliases:1: no such user or alias here: a",
      "alice: bob\\nbob: alice | aliases:1: the alias leads back to itself",
      "ok: alice\\na: nobody | aliases:2: no such user or alias here: nobody",
      "a: nobody@example.org | aliases:1: no such user or alias here: nobody",
      "@example.org: nobody | aliases:1: no such user or alias here: nobody",
      "a@elsewhere.example: alice | aliases:1: elsewhere.example is not local",
      "postmaster: root\\nroot: postmaster | aliases:1: the alias leads back to itself"})
  void refusesAliasesThatLeadNowhere(String aliases, String message) {
    assertThatThrownBy(() -> book(aliases.replace("\\n", "\n"))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void refusesDeepNests() {
    String nested = IntStream.range(0, 60).mapToObj(i -> "a" + i + ": a" + (i + 1)).collect(Collectors.joining("\n"));
    assertThatThrownBy(() -> book(nested + "\na60: alice")).hasMessageContaining("nested deeper than 50");
  }

  @Test
  void followsManyWaysToTheSameTargetsWithoutTakingLong() {
    String diamonds = IntStream.range(0, 40)
        .mapToObj(i -> "l%d: l%d, r%d\nr%d: l%d, r%d".formatted(i, i + 1, i + 1, i, i + 1, i + 1))
        .collect(Collectors.joining("\n"));
    assertThat(book(diamonds + "\nl40: alice\nr40: bob").find("l0", Domain.of("example.org"))).hasSize(2);
  }

  @Test
  void refusesAliasesThatLeadToTooMany() {
    String many = IntStream.range(0, 10_001)
        .mapToObj(i -> "u" + i + "@elsewhere.example")
        .collect(Collectors.joining(","));
    assertThatThrownBy(() -> book("all: " + many)).hasMessageContaining("aliases:1: leads to more than 10000");
  }

  @Test
  void leadsPostmasterToTheConfiguredPlaceOrTheFirstUser() {
    assertThat(book("").findPostmaster()).containsExactly(Mailbox.of("alice@example.org"));
    assertThat(book("", "help@elsewhere.example").findPostmaster())
        .containsExactly(Mailbox.of("help@elsewhere.example"));
    assertThat(book("root: bob", "root@example.net").findPostmaster())
        .containsExactly(Mailbox.of("bob@example.org"));
  }

  @Test
  void refusesAPostmasterWhoIsNobody() {
    assertThatThrownBy(() -> book("", "nobody@example.org")).hasMessageContaining("postmaster");
  }

  private static AddressBook book(String aliases) {
    return new AddressBook(Inbound.local(aliases));
  }

  private static AddressBook book(String aliases, String postmaster) {
    return new AddressBook(new LocalSettings(List.of(Domain.of("example.org"), Domain.of("example.net")),
        LocalUsers.of(List.of("alice", "bob")), Aliases.parse(aliases, "aliases"),
        Optional.of(Mailbox.of(postmaster)), Optional.of('+'), Set.of()));
  }
}
