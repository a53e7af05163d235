package org.posthorn.daemon.quota;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where what was sent outlasts a restart: a file for each sender, named by a hash. Its lines: {@code who NAME},
 * {@code slot NUMBER MESSAGES RECIPIENTS NEW}, {@code known HASH}.
 */
final class QuotaFiles {
  private static final Logger log = LoggerFactory.getLogger(QuotaFiles.class);

  private final Path directory;

  QuotaFiles(Path directory) {
    this.directory = directory;
  }

  /** Reads all files; what cannot be understood is left out. */
  Map<String, Spending> read() {
    var all = new HashMap<String, Spending>();
    if (Files.isDirectory(directory)) {
      try (var files = Files.list(directory)) {
        files.filter(file -> !file.toString().endsWith(".new")).forEach(file -> read(file, all));
      } catch (IOException e) {
        log.atError().addKeyValue("directory", directory).setCause(e).log("cannot read what was sent");
      }
    }
    return all;
  }

  private static void read(Path file, Map<String, Spending> all) {
    try {
      var lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      if (!lines.isEmpty() && lines.getFirst().startsWith("who ")) {
        var spending = new Spending();
        lines.subList(1, lines.size()).forEach(line -> read(line, spending));
        all.put(lines.getFirst().substring("who ".length()), spending);
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      log.atWarn().addKeyValue("file", file).addKeyValue("problem", e).log("not about what was sent");
    }
  }

  private static void read(String line, Spending spending) {
    var words = List.of(line.split(" ", -1));
    if (words.getFirst().equals("slot")) {
      spending.slots()
          .put(Long.parseLong(words.get(1)), new Spending.Slot(Integer.parseInt(words.get(2)),
              Integer.parseInt(words.get(3)), Integer.parseInt(words.get(4))));
    } else {
      spending.know(HexFormat.fromHexDigitsToLong(words.get(1)));
    }
  }

  /** Returns what is kept of {@code spending}. */
  static String text(String who, Spending spending) {
    var text = new StringBuilder("who ").append(Printable.of(who)).append('\n');
    spending.slots()
        .forEach((number, slot) -> text.append("slot ")
            .append(number)
            .append(' ')
            .append(slot.messages())
            .append(' ')
            .append(slot.recipients())
            .append(' ')
            .append(slot.newRecipients())
            .append('\n'));
    spending.known().forEach(hash -> text.append("known ").append(HexFormat.of().toHexDigits(hash)).append('\n'));
    return text.toString();
  }

  void write(String who, String text) throws IOException {
    Files.createDirectories(directory);
    var file = directory.resolve(name(who));
    var draft = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(draft, text, StandardCharsets.UTF_8);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** A login may hold what no file name may. */
  private static String name(String who) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(who.getBytes(StandardCharsets.UTF_8)), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
