package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;

/** HELP names what works where it is asked, and nothing else (RFC 5321 §4.1.1.8). */
class HelpTest {
  private final Inbound inbound = new Inbound();

  @ParameterizedTest(name = "{0}")
  @CsvSource({
      "MX, HELO EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY STARTTLS HELP",
      "SUBMISSION, HELO EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY STARTTLS HELP",
      "LMTP, LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP",
      "ODMR, EHLO ATRN RSET NOOP QUIT STARTTLS HELP"})
  void namesWhatWorks(Kind kind, String verbs) {
    var session = session(kind);
    session.lines((kind == Kind.LMTP ? "LHLO" : "EHLO") + " client.example\n");
    assertThat(session.lines("HELP\n").replace(" AUTH", "")).startsWith("214-2.0.0 " + verbs + "\n");
    for (var verb : List.of("EHLO", "LHLO", "MAIL", "RCPT", "DATA", "VRFY", "EXPN", "ETRN", "ATRN", "BURL")) {
      if (!verbs.contains(verb)) {
        assertThat(session.lines(command(verb) + "\n")).as(verb).matches("5\\d\\d [\\s\\S]*");
      }
    }
  }

  private static String command(String verb) {
    return switch (verb) {
      case "MAIL" -> "MAIL FROM:<>";
      case "RCPT" -> "RCPT TO:<alice@example.org>";
      case "BURL" -> "BURL imap://x@h/y;uid=1;urlauth=submit+x:internal LAST";
      case "DATA" -> verb;
      default -> verb + " x.example";
    };
  }

  private SpokenSession session(Kind kind) {
    return new SpokenSession(inbound, Inbound.settings(), SpokenSession.TRUSTED, Terms.of(kind));
  }
}
