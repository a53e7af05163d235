package org.posthorn.daemon.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the guard's memory outlasts a restart: a line for each network, login and pair of them, with tabs in between. */
final class GuardFile {
  private static final Logger log = LoggerFactory.getLogger(GuardFile.class);

  /** What the file holds. */
  record Content(Map<GuardMemory.Key, GuardMemory.Trouble> troubles, Map<GuardMemory.Home, Instant> homes) {}

  private final Path file;

  GuardFile(Path file) {
    this.file = file;
  }

  /** Reads what is there; lines that say nothing are left out, and a file that cannot be read is as good as none. */
  Content read() {
    var content = new Content(new LinkedHashMap<>(), new LinkedHashMap<>());
    try {
      if (Files.exists(file)) {
        Files.readAllLines(file, StandardCharsets.UTF_8).forEach(line -> read(line, content));
      }
    } catch (IOException e) {
      log.atError().addKeyValue("file", file).setCause(e).log("cannot read which logins failed");
    }
    return content;
  }

  private void read(String line, Content content) {
    String[] field = line.split("\t", -1);
    try {
      switch (field[0] + field.length) {
        case "network6", "login6" -> content.troubles()
            .put(new GuardMemory.Key(field[0].equals("network"), field[1]),
                new GuardMemory.Trouble(Integer.parseInt(field[2]), Instant.parse(field[3]), Instant.parse(field[4]),
                    Integer.parseInt(field[5])));
        case "home4" -> content.homes().put(new GuardMemory.Home(field[1], field[2]), Instant.parse(field[3]));
        default -> throw new IllegalArgumentException();
      }
    } catch (IllegalArgumentException | DateTimeException _) {
      log.atWarn().addKeyValue("file", file).addKeyValue("line", Printable.of(line)).log("not about a login");
    }
  }

  void write(GuardMemory memory) throws IOException {
    var text = new StringBuilder();
    memory.troubles()
        .forEach((key, trouble) -> text.append(key.isNetwork() ? "network\t" : "login\t")
            .append(Printable.of(key.name()))
            .append('\t')
            .append(trouble.failures())
            .append('\t')
            .append(trouble.last())
            .append('\t')
            .append(trouble.bannedUntil())
            .append('\t')
            .append(trouble.bans())
            .append('\n'));
    memory.homes()
        .forEach((home, last) -> text.append("home\t")
            .append(Printable.of(home.login()))
            .append('\t')
            .append(home.network())
            .append('\t')
            .append(last)
            .append('\n'));
    var draft = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(draft, text, StandardCharsets.UTF_8);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
