package org.posthorn.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** What other mail servers are tested with. */
class SuitesTest {
  /** Where we differ from isemail, and why. */
  private static final Map<String, String> OTHER_THAN_ISEMAIL = Map.of(
      "isemail-26", "a local part of 65 octets: bounce addresses in use are longer than 64, see Mailbox",
      "isemail-59", "the same, quoted");

  /** Where we differ from Postfix's host names, and why. */
  private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
      Map.entry("123456789012345678901234567890123456789012345678901234567890123", "RFC 5321 lets labels be numbers"),
      Map.entry("1.2.3.4", "the same"), Map.entry("321.255.255.255", "the same"), Map.entry("0.0.0.0", "the same"),
      Map.entry("255.255.255.255", "the same"), Map.entry("0.255.255.255", "the same"),
      Map.entry("1.2.3.321", "the same"), Map.entry("1.2.3", "the same"), Map.entry("1.2.3.4.5", "the same"),
      Map.entry("1", "the same"), Map.entry("321", "the same"),
      Map.entry("*.foo.bar", "a wildcard is for certificates; no mail host is called so"));

  /** Where we differ from Postfix's addresses, and why. */
  private static final Map<String, String> OTHER_ADDRESSES = Map.of(
      "0.255.255.255", "well-formed, though nobody lives there",
      "a:a:a:a:a:1.2.3.4", "seven groups where there must be eight");

  @Test
  void takesTheAddressesThatIsemailTakes() throws IOException {
    var softly = new SoftAssertions();
    for (Map<String, String> one : SuiteFile.objects("06-smtp/address/isemail.jsonl")) {
      boolean expected = Boolean.parseBoolean(one.get("rfc5321_valid")) ^ OTHER_THAN_ISEMAIL.containsKey(one.get("id"));
      String address = Optional.ofNullable(one.get("address")).orElse("");
      softly.assertThat(Mailbox.parse(address).isPresent()).as(one.toString()).isEqualTo(expected);
    }
    softly.assertAll();
  }

  @Test
  void takesTheHostNamesThatPostfixTakes() throws IOException {
    List<String> verdicts = SuiteFile.lines("06-smtp/address/postfix/valid_hostname.ref");
    var softly = new SoftAssertions();
    for (int i = 0; i < verdicts.size(); i++) {
      if (verdicts.get(i).contains("testing: ")) {
        String name = verdicts.get(i).replaceAll("^.*testing: \"|\"$", "");
        boolean expected = !isFollowedBy(verdicts, i, Set.of(" valid_hostname: "))
            ^ OTHER_NAMES.containsKey(name);
        softly.assertThat(Domain.parse(name).isPresent()).as(name).isEqualTo(expected);
      }
    }
    softly.assertAll();
  }

  @Test
  void takesTheAddressLiteralsThatPostfixTakes() throws IOException {
    List<String> verdicts = SuiteFile.lines("06-smtp/address/postfix/valid_hostname.ref");
    var softly = new SoftAssertions();
    for (int i = 0; i < verdicts.size(); i++) {
      String address = verdicts.get(i).replaceAll("^.*testing: \"|\"$", "");
      if (verdicts.get(i).contains("testing: ") && address.matches("[0-9.:a-g]+")) {
        boolean expected = !isFollowedBy(verdicts, i, Set.of(" valid_ipv4_hostaddr: ", " valid_ipv6_hostaddr: "))
            ^ OTHER_ADDRESSES.containsKey(address);
        String literal = (address.contains(":") ? "[IPv6:" : "[") + address + "]";
        softly.assertThat(AddressLiteral.parse(literal).isPresent()).as(literal).isEqualTo(expected);
      }
    }
    softly.assertAll();
  }

  private static boolean isFollowedBy(List<String> verdicts, int at, Set<String> warnings) {
    for (int i = at + 1; i < verdicts.size() && !verdicts.get(i).contains("testing: "); i++) {
      if (warnings.stream().anyMatch(verdicts.get(i)::contains)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void readsDataAsMoxDoes() throws IOException {
    for (Map<String, String> one : SuiteFile.objects("06-smtp/data-reader.jsonl")) {
      var decoder = new DotDecoder();
      var scan = new ContentScan();
      var content = new ByteArrayOutputStream();
      byte[] wire = Optional.ofNullable(one.get("wire")).orElse("").getBytes(ISO_8859_1);
      int end = decoder.take(wire, 0, wire.length, (octets, from, to) -> {
        scan.take(octets, from, to);
        content.write(octets, from, to - from);
      });
      String expected = Optional.ofNullable(one.get("expect")).orElse("no end");
      switch (expected) {
        case "no end" -> assertThat(decoder.isEnded()).as(one.toString()).isFalse();
        case "REFUSED or one message" -> {
          assertThat(end).as(one.toString()).isEqualTo(wire.length);
          assertThat(scan.hasBareLineEnd()).as(one.toString()).isTrue();
        }
        default -> assertThat(content.toString(ISO_8859_1)).as(one.toString()).isEqualTo(expected);
      }
    }
  }
}
