package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/rfc.md}, and what {@code docs/interoperability.md} names, to what is there. */
class RfcTableTest {
  private static final Path ROOT = root();
  private static final Pattern NAME = Pattern.compile("`([A-Za-z0-9]+)`");
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:IT|Test))`");

  /** A row of a table: what it says, how far it is built, and where to read. */
  private record Row(String text, String state, List<String> classes, List<String> tests) {
    static Row of(String line) {
      var cells = List.of(line.substring(1, line.length() - 1).split("\\|", -1));
      assertThat(cells).as(line).hasSize(5);
      var state = cells.get(2).strip();
      assertThat(state).as(line).matches("(yes|(partial|no)(: .+)?)");
      return new Row(cells.get(0) + cells.get(1), state, names(cells.get(3)), names(cells.get(4)));
    }

    private static List<String> names(String cell) {
      return NAME.matcher(cell).results().map(found -> found.group(1)).toList();
    }

    boolean isBuilt() {
      return !state.startsWith("no");
    }
  }

  @Test
  void namesClassesAndTestsThatExist() throws IOException {
    var classes = sources("src/main/java");
    var tests = sources("src/test/java");
    for (var row : rows()) {
      assertThat(classes).as(row.text()).containsAll(row.classes());
      assertThat(tests).as(row.text()).containsAll(row.tests());
    }
  }

  @Test
  void namesAClassAndATestForWhateverIsBuiltAndNoneForTheRest() throws IOException {
    for (var row : rows()) {
      assertThat(row.classes().isEmpty()).as(row.text()).isNotEqualTo(row.isBuilt());
      assertThat(row.tests().isEmpty()).as(row.text()).isNotEqualTo(row.isBuilt());
    }
  }

  @Test
  void hasARowForEachKeywordThatWeAnnounce() throws IOException {
    var built = rows().stream().filter(Row::isBuilt).map(Row::text).collect(Collectors.joining());
    for (String keyword : announced()) {
      assertThat(built).contains("`" + keyword + "`");
    }
  }

  @Test
  void namesTestsThatExistForWhatWasTried() throws IOException {
    var named = TEST.matcher(Files.readString(ROOT.resolve("docs/interoperability.md")))
        .results()
        .map(found -> found.group(1))
        .toList();
    assertThat(named).hasSizeGreaterThan(20);
    assertThat(sources("src/test/java")).containsAll(named);
  }

  /** What EHLO offers when all that can be switched on is. */
  private static List<String> announced() {
    var everything = new SessionSettings(2048, 20, 100, true, true, true);
    var session = new SpokenSession(new Inbound(),
        Inbound.settings(ConnectionLimits.DEFAULT, everything, MessageLimits.DEFAULT), SpokenSession.TRUSTED);
    var lines = session.lines("EHLO client.example\n").lines().skip(1).toList();
    assertThat(lines).hasSizeGreaterThan(5);
    return lines.stream().map(line -> line.substring(4).split(" ", 2)[0]).toList();
  }

  private static List<Row> rows() throws IOException {
    var rows = new ArrayList<Row>();
    try (var lines = Files.lines(ROOT.resolve("docs/rfc.md"))) {
      lines.filter(line -> line.startsWith("| ") && !line.startsWith("| section |") && !line.startsWith("| RFC |"))
          .forEach(line -> rows.add(Row.of(line)));
    }
    assertThat(rows).hasSizeGreaterThan(50);
    return rows;
  }

  /** Returns the names of the classes in {@code folder} of each module. */
  private static Set<String> sources(String folder) throws IOException {
    var names = new TreeSet<String>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (var module : modules.map(module -> module.resolve(folder)).filter(Files::isDirectory).toList()) {
        try (Stream<Path> files = Files.walk(module)) {
          files.map(file -> String.valueOf(file.getFileName()))
              .filter(name -> name.endsWith(".java"))
              .forEach(name -> names.add(name.substring(0, name.length() - ".java".length())));
        }
      }
    }
    return names;
  }

  private static Path root() {
    var here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("docs/rfc.md")) ? here : here.resolve("..").normalize();
  }
}
