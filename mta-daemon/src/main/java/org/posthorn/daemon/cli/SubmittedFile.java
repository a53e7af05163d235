package org.posthorn.daemon.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.posthorn.smtp.AddressList;

/**
 * A message that a local program wrote, made fit for SMTP: lines end in CRLF, {@code Bcc:} is taken out, {@code From:} is
 * there, and so is the empty line behind the header. It lies in a temporary file of its own, which closing removes;
 * {@code Date:} and {@code Message-ID:} are the daemon's to add.
 *
 * @param file the message
 * @param recipients what {@code To:}, {@code Cc:} and {@code Bcc:} name, or their {@code Resent-} kin when there are such
 *     (RFC 5322 §3.6.6)
 */
record SubmittedFile(Path file, List<String> recipients) implements AutoCloseable {
  private static final int MAX_HEADER = 1 << 20;
  private static final int MAX_LINE = 1 << 20;
  private static final Pattern FIELD = Pattern.compile("[!-9;-~]+[ \\t]*:.*", Pattern.DOTALL);

  /** What ends a message on standard input. */
  enum End {
    /** The end of the input. */
    OF_INPUT,
    /** A line with nothing but a dot, too. */
    AT_LONE_DOT
  }

  /** Who sends: for {@code From:} when the message has none. */
  record Origin(String address, String fullName, End end) {}

  SubmittedFile {
    recipients = List.copyOf(recipients);
  }

  /** Reads a message to its end. */
  static SubmittedFile of(InputStream in, Origin origin) throws IOException {
    var file = Files.createTempFile("posthorn", ".eml"); // readable by this user only
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      return new SubmittedFile(file, new Copy(new BufferedInputStream(in), out, origin).run());
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Copies one message. Lines are octets, one char each. */
  private static final class Copy {
    private final InputStream in;
    private final OutputStream out;
    private final Origin origin;
    private final List<String> fields = new ArrayList<>();

    Copy(InputStream in, OutputStream out, Origin origin) {
      this.in = in;
      this.out = out;
      this.origin = origin;
    }

    List<String> run() throws IOException {
      var line = line();
      if (line.startsWith("From ") || line.startsWith(">From ")) {
        line = line(); // as mbox files have it in front of the header
      }
      int size = 0;
      while (FIELD.matcher(line).matches() || isContinuation(line)) {
        size += line.length();
        if (size > MAX_HEADER) {
          throw new IOException("its header is longer than " + MAX_HEADER + " octets");
        }
        addToHeader(line);
        line = line();
      }
      writeHeader();
      write("");
      if (!line.isEmpty() && !line.equals(END)) {
        write(line); // there was no empty line behind the header
      }
      while (!line.equals(END)) {
        line = line();
        if (!line.equals(END)) {
          write(line);
        }
      }
      return recipients();
    }

    private boolean isContinuation(String line) {
      return !fields.isEmpty() && !line.isBlank() && (line.charAt(0) == ' ' || line.charAt(0) == '\t');
    }

    private void addToHeader(String line) {
      if (isContinuation(line)) {
        fields.set(fields.size() - 1, fields.getLast() + "\r\n" + line);
      } else {
        fields.add(line);
      }
    }

    private void writeHeader() throws IOException {
      boolean hasFrom = fields.stream().anyMatch(field -> name(field).equals("from"));
      if (!hasFrom) {
        write("From: " + from());
      }
      for (var field : fields) {
        if (!name(field).equals("bcc") && !name(field).equals("resent-bcc")) {
          write(field);
        }
      }
    }

    private String from() {
      var name = new String(origin.fullName().replaceAll("[\\p{Cntrl}\"\\\\]", "").getBytes(StandardCharsets.UTF_8),
          StandardCharsets.ISO_8859_1);
      var address = new String(origin.address().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      return name.isBlank() ? address : "\"" + name + "\" <" + address + ">";
    }

    private List<String> recipients() {
      var prefix = fields.stream().map(Copy::name).anyMatch(name -> name.matches("resent-(to|cc|bcc)"))
          ? "resent-"
          : "";
      return fields.stream()
          .filter(field -> name(field).matches(prefix + "(to|cc|bcc)"))
          .map(field -> field.substring(field.indexOf(':') + 1))
          .map(value -> new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
          .flatMap(value -> AddressList.parse(value).stream())
          .distinct()
          .toList();
    }

    private static String name(String field) {
      return field.substring(0, field.indexOf(':')).strip().toLowerCase(Locale.ROOT);
    }

    private void write(String line) throws IOException {
      out.write(line.getBytes(StandardCharsets.ISO_8859_1));
      out.write('\r');
      out.write('\n');
    }

    /** What no line can be: the end of the message. */
    private static final String END = "\n";

    private String line() throws IOException {
      var line = new ByteArrayOutputStream();
      int octet = in.read();
      if (octet < 0) {
        return END;
      }
      while (octet >= 0 && octet != '\n') {
        if (line.size() >= MAX_LINE) {
          throw new IOException("a line is longer than " + MAX_LINE + " octets");
        }
        line.write(octet);
        octet = in.read();
      }
      var text = line.toString(StandardCharsets.ISO_8859_1);
      var withoutEnd = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      return withoutEnd.equals(".") && origin.end() == End.AT_LONE_DOT ? END : withoutEnd;
    }
  }
}
