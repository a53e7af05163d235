package org.posthorn.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.smtp.Domain;
import org.tomlj.Toml;

/** Holds {@code config/posthorn.toml} and {@code docs/configuration.md} to what the reader knows. */
class SampleTest {
  private static final Path ROOT = root();
  private static final Pattern DEFAULT_KEY = Pattern.compile("(?m)^#([a-z-]+ = |\\[)");
  private static final Pattern EXAMPLE_KEY = Pattern.compile("(?m)^#(?:e\\.g\\. )?([a-z-]+ = |\\[)");
  private static final String EVERY_TABLE = """
                                            [[listener]]
                                            [[client]]
                                            networks = "::1"
                                            [[tls.certificate]]
                                            chain-file = "x"
                                            [[odmr]]
                                            user = "x"
                                            domains = "x.example"
                                            [[imap]]
                                            authority = "x"
                                            server = "imap://127.0.0.1"
                                            password-file = "/dev/null"
                                            [[route]]
                                            via = "mx:x"
                                            """;
  private static final Pattern HEADING = Pattern.compile("##+ (.+)");
  private static final Pattern ROW = Pattern.compile("\\| `([a-z-]+)` \\| (.+?) \\| .+ \\|");
  private static final Pattern NAMED = Pattern.compile("`(([a-z-]+\\.)[a-z-]+)(?:`| = )");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  /** Depend on the machine, or are no text here. */
  private static final Set<String> SHOWN_OTHERWISE = Set.of("data-directory", "listener.address", "client.senders",
      "tls.min-version", "local.domains", "local.maildir", "admin.socket");
  private static final Environment ENVIRONMENT = new Environment(Domain.of("box.example.net"), "alice", Set.of(),
      Path.of("/home/a"));

  @Test
  void showsEveryKeyOnce() throws IOException {
    var sample = EXAMPLE_KEY.matcher(sample()).replaceAll("$1");
    var shown = new TreeSet<String>();
    Toml.parse(sample.replaceAll("(?m)^mbox = ", "mbox = "))
        .dottedKeySet(true)
        .stream()
        .map(key -> key.replaceAll("\\[[0-9]+]", ""))
        .forEach(shown::add);
    // Arrays of tables are one value to the parser.
    shown.removeAll(Set.of("listener", "route", "client", "odmr", "imap", "tls.certificate"));
    shown.addAll(Set.of("imap.authority", "imap.server", "imap.user", "imap.password-file", "imap.ca-file"));
    shown.addAll(Set.of("odmr.user", "odmr.domains", "client.networks", "client.name", "client.senders",
        "client.messages-per-hour",
        "client.messages-per-day", "client.recipients-per-hour", "client.recipients-per-day",
        "client.new-recipients-per-day", "client.scheduled-messages", "client.scheduled-megabytes"));
    shown.addAll(Set.of("listener.address", "listener.kind", "listener.tls", "listener.proxy-networks",
        "listener.socket", "listener.socket-mode",
        "listener.socket-owner", "listener.socket-group", "tls.certificate.chain-file",
        "tls.certificate.key-file", "route.domain", "route.via", "route.tls"));
    assertThat(shown).containsAll(known().keySet());
    assertThat(known().keySet()).containsAll(withoutTables(shown));
  }

  @Test
  void showsTheDefaults() throws Exception {
    var sample = DEFAULT_KEY.matcher(sample())
        .replaceAll("$1")
        .replaceAll("(?s)\\[\\[(route|tls.certificate)]].*?(?=# ---)", "");
    assertThat(parse(sample)).usingRecursiveComparison()
        .isEqualTo(parse(sample().lines()
            .filter(line -> !line.startsWith("#"))
            .reduce("", (a, b) -> a + b + "\n")));
  }

  /** Each in the section of its table, with its default; in words where it depends on the machine, or reads better so. */
  @Test
  void isDocumentedKeyByKey() throws IOException {
    var documented = documented();
    known().forEach((key, standard) -> {
      assertThat(documented).containsKey(key);
      var shown = CODE.matcher(documented.getOrDefault(key, ""));
      if (!standard.isEmpty() && shown.lookingAt() && !SHOWN_OTHERWISE.contains(key)) {
        assertThat(shown.group(1)).as(key).isEqualTo(standard);
      }
    });
  }

  /** {@code limits.errors} must be a key where {@code limits} is a table. */
  @ParameterizedTest
  @ValueSource(strings = {"README.md", "CHANGELOG.md", "docs/architecture.md", "docs/command-line.md",
      "docs/configuration.md", "docs/durability.md", "docs/operations.md", "docs/rfc.md"})
  void isCalledByTheRightNamesElsewhere(String document) throws IOException {
    var known = known().keySet();
    var tables = known.stream().map(key -> key.substring(0, key.lastIndexOf('.') + 1)).collect(Collectors.toSet());
    assertThat(NAMED.matcher(Files.readString(ROOT.resolve(document)))
        .results()
        .filter(named -> tables.contains(named.group(2)))
        .map(named -> named.group(1))
        .filter(name -> !name.equals("admin.sock"))).isSubsetOf(known);
  }

  /** Returns what stands in the document for the default of each key. */
  private static Map<String, String> documented() throws IOException {
    var documented = new TreeMap<String, String>();
    String table = "";
    for (var line : Files.readAllLines(ROOT.resolve("docs/configuration.md"))) {
      var heading = HEADING.matcher(line);
      var row = ROW.matcher(line);
      if (heading.matches()) {
        table = heading.group(1).equals("Top level") ? "" : heading.group(1).replaceAll("[`\\[\\]]", "") + ".";
      } else if (row.matches()) {
        documented.put(table + row.group(1), row.group(2));
      }
    }
    return documented;
  }

  private static Set<String> withoutTables(Set<String> shown) {
    var keys = new TreeSet<>(shown);
    keys.removeIf(key -> shown.stream().anyMatch(other -> other.startsWith(key + ".")));
    return keys;
  }

  /** Returns every key that the reader asks for, tables left out. */
  private static Map<String, String> known() {
    var known = new TreeMap<String, String>();
    var reader = new ConfigurationReader(ENVIRONMENT, known::put);
    try {
      reader.parse(EVERY_TABLE, "x", Path.of("/"), Path.of("/data"));
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
    known.keySet().removeIf(key -> known.keySet().stream().anyMatch(other -> other.startsWith(key + ".")));
    return known;
  }

  private static Configuration parse(String text) throws ConfigException {
    return new ConfigurationReader(ENVIRONMENT).parse(text, "posthorn.toml", Path.of("/etc/posthorn"),
        Path.of("/var/lib/posthorn"));
  }

  private static String sample() throws IOException {
    return Files.readString(ROOT.resolve("config/posthorn.toml"));
  }

  private static Path root() {
    var here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("config/posthorn.toml")) ? here : here.resolve("..").normalize();
  }
}
