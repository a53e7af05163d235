package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.icu.text.IDNA;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdnaTest {
  private static final IDNA ICU = IDNA.getUTS46Instance(
      IDNA.NONTRANSITIONAL_TO_ASCII | IDNA.CHECK_BIDI | IDNA.CHECK_CONTEXTJ | IDNA.USE_STD3_RULES);
  /** In ASCII labels these are allowed: {@code r3---sn.example} is a host name. */
  private static final Set<IDNA.Error> ALLOWED = EnumSet.of(IDNA.Error.HYPHEN_3_4);
  private static final int[] SCRIPTS = {0x20, 0x80, 0x3b0, 0x430, 0x5d0, 0x620, 0x660, 0x6f0, 0x905, 0x940, 0x1e00,
      0x2000, 0x2260, 0x3040, 0x3400, 0xac00, 0xf900, 0xfb00, 0xfe00, 0xff00, 0x10a00, 0x1d400, 0x1f600, 0x20000};

  private final Random random = new Random(46);

  @Test
  void theTableIsWhatIcuSays() throws IOException {
    try (InputStream in = IdnaTable.class.getResourceAsStream("idna.txt")) {
      assertThat(in).isNotNull();
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .as("write idna.txt anew by IdnaTableSource.main")
          .isEqualTo(new IdnaTableSource().table());
    }
  }

  @Test
  void readsNamesAsIcuDoes() {
    int good = 0;
    for (int round = 0; round < 60_000; round++) {
      String name = randomName();
      Optional<String> expected = icu(name);
      good += expected.isPresent() ? 1 : 0;
      // ICU knows no underscores, which we take in labels that are ASCII.
      Optional<String> parsed = Domain.parse(name).map(Domain::name).filter(ascii -> !ascii.contains("_"));
      assertThat(parsed).as(escaped(name)).isEqualTo(expected);
    }
    assertThat(good).isGreaterThan(3_000);
  }

  @Test
  void joinersStandOnlyWhereTheyShow() {
    int[] marks = {0x94d, 0x1b44, 0x111c0, 0x0301, 0x64b};
    int[] letters = {0x915, 0x628, 0x627, 0xa872, 'a'};
    for (int round = 0; round < 20_000; round++) {
      var name = new StringBuilder();
      for (int i = 0; i < 6; i++) {
        name.appendCodePoint(switch (random.nextInt(3)) {
          case 0 -> marks[random.nextInt(marks.length)];
          case 1 -> 0x200c + random.nextInt(2);
          default -> letters[random.nextInt(letters.length)];
        });
      }
      assertThat(Domain.parse(name.toString()).map(Domain::name)).as(escaped(name.toString()))
          .isEqualTo(icu(name.toString()));
    }
  }

  @Test
  void showsNamesThatLeadBackToThemselves() {
    for (int round = 0; round < 15_000; round++) {
      String name = randomName();
      Domain.parse(name)
          .ifPresent(domain -> assertThat(Domain.parse(domain.toUnicode()))
              .as(escaped(name))
              .hasValue(domain));
    }
  }

  /** One or two labels, in one or two scripts each, since names of nothing but noise are all wrong. */
  private String randomName() {
    var name = new StringBuilder();
    for (int label = random.nextInt(2); label >= 0; label--) {
      int script = SCRIPTS[random.nextInt(SCRIPTS.length)];
      for (int i = random.nextInt(5); i >= 0; i--) {
        name.appendCodePoint(switch (random.nextInt(8)) {
          case 0 -> 'a' + random.nextInt(26);
          case 1 -> "0-9\u200c\u200d\u0308".charAt(random.nextInt(6));
          case 2 -> SCRIPTS[random.nextInt(SCRIPTS.length)] + random.nextInt(64);
          default -> script + random.nextInt(64);
        });
      }
      name.append(label > 0 ? "." : "");
    }
    return name.toString();
  }

  private static Optional<String> icu(String name) {
    var info = new IDNA.Info();
    var ascii = new StringBuilder();
    ICU.nameToASCII(name, ascii, info);
    boolean onlyAscii = name.chars().allMatch(c -> c < 128);
    boolean wrong = onlyAscii ? !ALLOWED.containsAll(info.getErrors()) : info.hasErrors();
    boolean absolute = ascii.toString().endsWith("."); // no address has a name with a final dot
    return wrong || absolute ? Optional.empty() : Optional.of(ascii.toString());
  }

  private static String escaped(String name) {
    var text = new StringBuilder();
    name.codePoints().forEach(c -> text.append(Integer.toHexString(c)).append(' '));
    return text.toString();
  }
}
