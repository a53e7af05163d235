package org.posthorn.daemon.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.posthorn.smtp.Printable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * One table of the file, read key by key. What is not asked for is unknown, which {@link #finish} reports; a wrong value
 * is reported where it stands, and its default returned so that reading goes on. Used by one thread.
 */
final class Section {
  private final TomlTable table;
  private final TomlPosition start;
  private final String path;
  private final Problems problems;
  private final Set<String> asked = new TreeSet<>();
  private final BiConsumer<String, String> witness;

  /**
   * Reads {@code table}, whose keys are shown behind {@code path}; {@code witness} gets the full name of each key asked
   * for and its default as the file would write it.
   */
  Section(TomlTable table, TomlPosition start, String path, Problems problems, BiConsumer<String, String> witness) {
    this.table = table;
    this.start = start;
    this.path = path;
    this.problems = problems;
    this.witness = witness;
  }

  /** Whether {@code key} is set. */
  boolean has(String key) {
    return table.contains(List.of(key));
  }

  /** Reads what {@code parse} understands of a text; {@code allowed} completes "must be ...". */
  <T> T parsed(String key, T standard, String allowed, Function<String, Optional<T>> parse) {
    return this.<T>optional(key, allowed, parse, render(standard)).orElse(standard);
  }

  /** The same for a key without default. */
  <T> Optional<T> optional(String key, String allowed, Function<String, Optional<T>> parse) {
    return optional(key, allowed, parse, "");
  }

  private <T> Optional<T> optional(String key, String allowed, Function<String, Optional<T>> parse, String standard) {
    return value(key, standard).flatMap(value -> {
      var parsed = value instanceof String text ? parse.apply(text) : Optional.<T>empty();
      if (parsed.isEmpty()) {
        reject(key, value, allowed);
      }
      return parsed;
    });
  }

  /** Reads a text or a list of texts. */
  <T> List<T> list(String key, List<T> standard, String allowed, Function<String, Optional<T>> parse) {
    var shown = standard.stream().map(Section::render).collect(Collectors.joining(", ", "[", "]"));
    return value(key, shown).map(value -> elements(key, value, allowed, parse)).orElse(standard);
  }

  private <T> List<T> elements(String key, Object value, String allowed, Function<String, Optional<T>> parse) {
    if (!(value instanceof TomlArray array)) {
      var one = value instanceof String text ? parse.apply(text) : Optional.<T>empty();
      if (one.isEmpty()) {
        reject(key, value, allowed + ", or a list of such");
      }
      return one.stream().toList();
    }
    var elements = new ArrayList<T>();
    for (int i = 0; i < array.size(); i++) {
      var element = array.get(i);
      var one = element instanceof String text ? parse.apply(text) : Optional.<T>empty();
      one.ifPresent(elements::add);
      if (one.isEmpty()) {
        problems.add(position(array, i), mustBe(key, element, allowed));
      }
    }
    return List.copyOf(elements);
  }

  boolean flag(String key, boolean standard) {
    return value(key, Boolean.toString(standard)).map(value -> {
      if (value instanceof Boolean flag) {
        return flag;
      }
      reject(key, value, "true or false");
      return standard;
    }).orElse(standard);
  }

  int count(String key, int standard, int min, int max) {
    return value(key, Integer.toString(standard)).map(value -> {
      if (value instanceof Long number && number >= min && number <= max) {
        return number.intValue();
      }
      reject(key, value, "a whole number from " + min + " to " + max);
      return standard;
    }).orElse(standard);
  }

  /** Reads a number from 0 to {@code max}. */
  double fraction(String key, double standard, double max) {
    return value(key, Double.toString(standard)).map(value -> {
      if (value instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() <= max) {
        return number.doubleValue();
      }
      reject(key, value, "a number from 0 to " + max);
      return standard;
    }).orElse(standard);
  }

  Duration duration(String key, Duration standard, Duration min, Duration max) {
    var allowed = "a duration from " + Quantity.of(min) + " to " + Quantity.of(max) + ", such as \""
        + Quantity.of(standard) + "\"";
    return this.<Duration>optional(key, allowed, text -> Quantity.duration(text)
        .filter(value -> value.compareTo(min) >= 0 && value.compareTo(max) <= 0), quote(Quantity.of(standard)))
        .orElse(standard);
  }

  long bytes(String key, long standard, long min, long max) {
    var allowed = "a size from " + Quantity.of(min) + " to " + Quantity.of(max) + ", such as \"" + Quantity.of(standard)
        + "\"";
    return this.<Long>optional(key, allowed, text -> Quantity.bytes(text)
        .filter(value -> value >= min && value <= max), quote(Quantity.of(standard))).orElse(standard);
  }

  <E extends Enum<E>> E choice(String key, E standard) {
    var names = names(standard.getDeclaringClass());
    return parsed(key, standard, allowed(names), text -> Optional.ofNullable(names.get(text)));
  }

  <E extends Enum<E>> Optional<E> optionalChoice(String key, Class<E> type) {
    var names = names(type);
    return optional(key, allowed(names), text -> Optional.ofNullable(names.get(text)));
  }

  private static <E extends Enum<E>> Map<String, E> names(Class<E> type) {
    return Stream.of(type.getEnumConstants())
        .collect(Collectors.toMap(value -> value.name().toLowerCase(Locale.ROOT), Function.identity(), (a, _) -> a,
            LinkedHashMap::new));
  }

  private static String allowed(Map<String, ?> names) {
    return names.keySet().stream().map(Section::quote).collect(Collectors.joining(" or "));
  }

  /** Reads a table; one that is not there has every default. */
  Section table(String key) {
    var value = value(key, "");
    if (value.isPresent() && value.get() instanceof TomlTable inner) {
      return new Section(inner, position(key), path + key + ".", problems, witness);
    }
    value.ifPresent(other -> reject(key, other, "a table, written [" + path + key + "]"));
    return new Section(Toml.parse(""), start, path + key + ".", problems, witness);
  }

  /** Reads an array of tables. */
  List<Section> tables(String key) {
    return value(key, "").map(value -> {
      if (!(value instanceof TomlArray array) || !array.toList().stream().allMatch(TomlTable.class::isInstance)) {
        reject(key, value, "tables, each written [[" + path + key + "]]");
        return List.<Section>of();
      }
      var sections = new ArrayList<Section>();
      for (int i = 0; i < array.size(); i++) {
        sections.add(new Section(array.getTable(i), position(array, i), path + key + ".", problems, witness));
      }
      return sections;
    }).orElse(List.of());
  }

  /** Reports every key that nobody asked for, with the one that was probably meant. */
  void finish() {
    for (String key : new TreeSet<>(table.keySet())) {
      if (!asked.contains(key)) {
        var known = Nearest.to(key, asked)
            .map(near -> "did you mean \"" + near + "\"?")
            .orElseGet(() -> "known are " + String.join(", ", asked));
        problems.add(position(key), "unknown key \"" + Printable.of(path + key) + "\"; " + known);
      }
    }
  }

  /** Returns what {@code maker} makes of the keys; reports why when it cannot, and returns {@code otherwise}. */
  <T> T make(Supplier<T> maker, T otherwise) {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      problems.addWhenFirst(start, "[" + path.substring(0, path.length() - 1) + "] " + e.getMessage());
      return otherwise;
    }
  }

  /** Reports that the value of {@code key} cannot be. */
  void reject(String key, String text) {
    problems.add(has(key) ? position(key) : start, "\"" + path + key + "\" " + text);
  }

  /** The same for what may well be a consequence of another problem. */
  void rejectWhenFirst(String key, String text) {
    problems.addWhenFirst(has(key) ? position(key) : start, "\"" + path + key + "\" " + text);
  }

  private void reject(String key, Object value, String allowed) {
    problems.add(position(key), mustBe(key, value, allowed));
  }

  private String mustBe(String key, Object value, String allowed) {
    var shown = switch (value) {
      case String text -> quote(Printable.of(text));
      case TomlArray _ -> "a list";
      case TomlTable _ -> "a table";
      default -> value.toString();
    };
    return "\"" + path + key + "\" must be " + allowed + ", not " + shown;
  }

  private Optional<Object> value(String key, String standard) {
    asked.add(key);
    witness.accept(path + key, standard);
    return Optional.ofNullable(table.get(List.of(key)));
  }

  private TomlPosition position(String key) {
    var position = table.inputPositionOf(List.of(key));
    return position == null ? start : position;
  }

  private TomlPosition position(TomlArray array, int index) {
    var position = array.inputPositionOf(index);
    return position == null ? start : position;
  }

  private static String render(Object standard) {
    return standard instanceof Enum<?> value
        ? quote(value.name().toLowerCase(Locale.ROOT))
        : quote(standard.toString());
  }

  private static String quote(String text) {
    return "\"" + text + "\"";
  }
}
