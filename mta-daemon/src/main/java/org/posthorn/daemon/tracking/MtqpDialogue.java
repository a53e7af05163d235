package org.posthorn.daemon.tracking;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Xtext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's questions (RFC 3887 §2 to §7): TRACK, COMMENT, STARTTLS, QUIT. One thread. */
final class MtqpDialogue {
  private static final Logger log = LoggerFactory.getLogger(MtqpDialogue.class);
  private static final int MAX_LINE = 998; // RFC 3887 §2.2
  private static final int MAX_COMMANDS = 200;
  private static final int MAX_ERRORS = 10;

  private final TrackBook book;
  private final Domain hostname;
  private final TrackingCounters counters;
  private final Encrypting tls;
  private Socket socket;
  private InputStream in;
  private boolean isEncrypted;
  private int errors;

  /** Makes a TLS handshake as the server. */
  interface Encrypting {
    /** Returns what goes over {@code plain} from now on; throws IOException when the connection is of no use any more. */
    Socket encrypt(Socket plain) throws IOException;

    /** Whether there is a certificate for {@code name}. */
    boolean covers(Domain name);
  }

  /** {@code socket} has a time limit for each read. */
  MtqpDialogue(Socket socket, TrackBook book, Domain hostname, TrackingCounters counters, Encrypting tls)
      throws IOException {
    this.book = book;
    this.hostname = hostname;
    this.counters = counters;
    this.tls = tls;
    this.socket = socket;
    in = new BufferedInputStream(socket.getInputStream());
  }

  void run() throws IOException {
    greet();
    for (int commands = 0; commands < MAX_COMMANDS && errors < MAX_ERRORS; commands++) {
      var line = line();
      if (line.isEmpty() || !perform(line.get().strip())) {
        return;
      }
    }
    say("-ERR/unavailable Too many commands");
  }

  private void greet() throws IOException {
    say(isEncrypted ? "+OK/MTQP " + hostname : "+OK+/MTQP " + hostname + "\r\nSTARTTLS\r\n.");
  }

  /** Whether more may follow. */
  private boolean perform(String line) throws IOException {
    var words = line.split("[ \t]+", -1);
    switch (words[0].toUpperCase(Locale.ROOT)) {
      case "TRACK" -> track(words);
      case "COMMENT" -> say("+OK");
      case "STARTTLS" -> startTls(words);
      case "QUIT" -> {
        say("+OK Bye");
        return false;
      }
      default -> bad("-BAD Unknown command");
    }
    return true;
  }

  private void track(String[] words) throws IOException {
    var secret = words.length == 3 ? secret(words[2]) : Optional.<byte[]>empty();
    var id = words.length == 3 ? envelopeId(words[1]) : Optional.<String>empty();
    if (secret.isEmpty() || id.isEmpty()) {
      bad("-BAD Syntax: TRACK envelope-id secret");
      return;
    }
    try {
      var known = book.find(id.get(), secret.get());
      log.atInfo()
          .addKeyValue("client", socket.getInetAddress().getHostAddress())
          .addKeyValue("envid", Printable.of(id.get()))
          .addKeyValue("known", known.size())
          .log("tracked");
      counters.asked(!known.isEmpty());
      if (known.isEmpty()) {
        errors++; // who guesses secrets gets no further than others
        say("-ERR/noinfo Nothing is known of this message");
      } else {
        answer(TrackReport.of(known, hostname.name()));
      }
    } catch (IOException e) {
      log.atError().setCause(e).log("cannot read what is tracked");
      say("-TEMP/unavailable Try again later");
    }
  }

  /** As with MAIL it is in xtext; the examples of RFC 3887 §4.1 have angle brackets around it. */
  private static Optional<String> envelopeId(String text) {
    boolean isBracketed = text.startsWith("<") && text.endsWith(">");
    return Xtext.decode(isBracketed ? text.substring(1, text.length() - 1) : text).filter(id -> !id.isEmpty());
  }

  private static Optional<byte[]> secret(String text) {
    try {
      return Optional.of(Base64.getDecoder().decode(text)).filter(octets -> octets.length > 0);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private void answer(String report) throws IOException {
    var text = new StringBuilder("+OK+ Tracking information follows\r\n");
    report.lines().forEach(line -> text.append(line.startsWith(".") ? "." : "").append(line).append("\r\n"));
    say(text.append('.').toString());
  }

  private void startTls(String[] words) throws IOException {
    if (isEncrypted) {
      bad("-BAD/tls-in-progress TLS is there already");
      return;
    }
    var domain = words.length == 2 ? domain(words[1]) : Optional.<Domain>empty();
    if (domain.isEmpty()) {
      bad("-BAD Syntax: STARTTLS domain");
    } else if (!tls.covers(domain.get())) {
      bad("-BAD/bad-fqdn There is no certificate for this name");
    } else if (in.available() > 0) {
      throw new IOException("octets behind STARTTLS"); // whoever is between us could have sent them
    } else {
      say("+OK Start TLS");
      socket = tls.encrypt(socket);
      in = new BufferedInputStream(socket.getInputStream());
      isEncrypted = true;
      greet(); // RFC 3887 §6.2
    }
  }

  private static Optional<Domain> domain(String text) {
    try {
      return Domain.parse(text);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private void bad(String reply) throws IOException {
    errors++;
    say(reply);
  }

  private void say(String text) throws IOException {
    var out = socket.getOutputStream();
    out.write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Reads a command; empty at the end, and when the client is silent or says too much. */
  private Optional<String> line() throws IOException {
    var line = new StringBuilder();
    try {
      for (int octet = in.read(); octet != '\n'; octet = in.read()) {
        if (octet < 0 || line.length() > MAX_LINE) {
          return Optional.empty();
        }
        line.append((char) octet);
      }
    } catch (SocketTimeoutException _) {
      return Optional.empty();
    }
    return Optional.of(line.toString());
  }
}
