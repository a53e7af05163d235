package org.posthorn.delivery.sevenbit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.testkit.Needs;

/** Converts messages that others collected: never fails, and every leaf decodes to the octets that it had. */
class SevenBitCorpusTest {
  @Test
  void everyMessageOfTheMimeSuiteKeepsItsOctets() throws Exception {
    var root = Needs.suite("05-mime");
    int converted = 0;
    try (var files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        converted += convert(file) ? 1 : 0;
      }
    }
    assertThat(converted).isGreaterThan(20);
  }

  private static boolean convert(Path file) throws IOException {
    String lines = Files.readString(file, StandardCharsets.ISO_8859_1).replaceAll("\r?\n", "\r\n");
    if (!lines.endsWith("\r\n")) {
      lines += "\r\n";
    }
    var content = SevenBitConversionTest.content(lines.getBytes(StandardCharsets.ISO_8859_1));
    long start = System.nanoTime();
    var result = SevenBitConversionTest.convertLines(content);
    boolean eightBit = lines.chars().anyMatch(c -> c > 127);
    assertThat(result instanceof Converted.AsIs).as(file.toString()).isEqualTo(!eightBit);
    if (!(result instanceof Converted.Rewritten(var rewritten))) {
      return false;
    }
    String after = SevenBitConversionTest.text(rewritten);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).as(file.toString()).isLessThan(Duration.ofSeconds(20));
    assertThat(after.chars()).as(file.toString()).allMatch(c -> c < 128);
    assertThat(leaves(after)).as(file.toString()).isEqualTo(leaves(lines));
    return true;
  }

  /**
   * Runs the encoder over the bodies of Postfix's own tests, and expects what it printed, but for where long lines are
   * broken: Postfix does it up to two columns earlier than RFC 2045 §6.7 asks for.
   */
  @ParameterizedTest
  @ValueSource(strings = {"", "2", "3"})
  void encodesAsPostfixDoes(String number) throws Exception {
    var folder = Needs.suite("06-smtp/address/postfix");
    String body = Files.readString(folder.resolve("mime_cvt.in" + number), StandardCharsets.ISO_8859_1)
        .split("\n\n", 2)[1];
    String expected = Files.readAllLines(folder.resolve("mime_cvt.ref" + number), StandardCharsets.ISO_8859_1)
        .stream()
        .filter(line -> line.startsWith("BODY N "))
        .skip(1)
        .map(line -> line.substring(line.indexOf('|') + 1))
        .collect(Collectors.joining("\r\n", "", "\r\n"));

    var out = new ByteArrayOutputStream();
    var encoding = new QuotedPrintable(out::write);
    for (byte octet : body.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1)) {
      encoding.octet(octet);
    }
    encoding.finish();

    String encoded = out.toString(StandardCharsets.ISO_8859_1);
    assertThat(encoded.replace("=\r\n", "").equals(expected.replace("=\r\n", ""))).isTrue();
    assertThat(encoded.lines().mapToInt(String::length).max()).hasValue(76);
  }

  private static List<String> leaves(String message) throws IOException {
    var leaves = new Leaves();
    var scanner = new MimeScanner(leaves);
    byte[] octets = message.getBytes(StandardCharsets.ISO_8859_1);
    scanner.feed(octets, octets.length);
    scanner.finish();
    return leaves.decoded;
  }

  /** Collects the decoded bodies. */
  private static final class Leaves implements MimeEvents {
    private final List<String> decoded = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();

    @Override
    public void field(Entity entity, byte[] octets, int length, boolean begins) {}

    @Override
    public void headerEnd(Entity entity, byte[] blankLine) {}

    @Override
    public void body(Entity leaf, byte[] octets, int length) {
      body.append(new String(octets, 0, length, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void bodyEnd(Entity leaf) {
      decoded.add(leaf.mediaType() + " " + switch (leaf.encoding()) {
        case "quoted-printable" -> fromQuotedPrintable(body.toString());
        case "base64" -> fromBase64(body.toString());
        default -> body.toString();
      });
      body.setLength(0);
    }

    @Override
    public void between(boolean frozen, byte[] octets, int length) {}

    private static String fromBase64(String text) {
      String characters = text.replaceAll("[^A-Za-z0-9+/]", "");
      String whole = characters.substring(0, characters.length() - (characters.length() % 4 == 1 ? 1 : 0));
      return new String(Base64.getDecoder().decode(whole), StandardCharsets.ISO_8859_1);
    }

    private static String fromQuotedPrintable(String text) {
      var octets = new StringBuilder();
      String lines = text.replaceAll("[ \t]+(?=\r\n)", "");
      for (int i = 0; i < lines.length(); i++) {
        if (lines.startsWith("=\r\n", i)) {
          i += 2;
        } else if (lines.charAt(i) == '=' && lines.substring(i).matches("(?s)=[0-9A-Fa-f]{2}.*")) {
          octets.append((char) Integer.parseInt(lines.substring(i + 1, i + 3), 16));
          i += 2;
        } else {
          octets.append(lines.charAt(i));
        }
      }
      return octets.toString();
    }
  }
}
