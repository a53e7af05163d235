package org.posthorn.daemon.inbound;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.posthorn.daemon.inbound.DialogueModel.At;

/** What a client may say, sense and nonsense: every command with every parameter that there is. */
final class Speech {
  static final String TRANSID = "TRANSID=<1@client.example>";
  /** The right password for alice@example.org, by PLAIN. */
  static final String RIGHT = login("alice@example.org", "wonderland");
  /** Mechanisms with the responses that bring alice in. */
  static final Set<List<String>> RIGHT_LOGINS = Set.of(List.of("PLAIN", RIGHT),
      List.of("LOGIN", base64("alice@example.org"), base64("wonderland")));
  /** What is behind the URLs of BURL that can be fetched. */
  static final String FETCHED = "From: alice@example.org\r\n\r\nfetched\r\n";
  /** Messages that alice may send, and anybody else. */
  static final List<String> GOOD = List.of("From: alice@example.org\r\nSubject: x\r\n\r\nx\r\n",
      "From: alice@example.org\r\n\r\n.dot\r\n..\r\n", "From: alice@example.org\r\n\r\n\u00e9\r\n");

  private static final List<String> SENDERS = List.of("s@client.example", "", "alice@example.org",
      "alice+x@example.org", "bob@example.org", "x@nodomain", "\u00c3\u00a9@example.org", "unclosed");
  private static final List<String> OF_MAIL = List.of("SIZE=10", "SIZE=99999", "BODY=8BITMIME", "BODY=BINARYMIME",
      "BODY=7BIT", "BODY=9BIT", "SMTPUTF8", "RET=HDRS", "RET=FULL", "ENVID=a+2Bb@x.example", "ENVID=a+0Ab", "BY=100;R",
      "BY=-5;N", "BY=50;NT", "BY=0;R", "HOLDFOR=60", "HOLDUNTIL=2026-11-23T00:00:00Z", "HOLDUNTIL=2020-01-01T00:00:00Z",
      "HOLDFOR=999999999", "MT-PRIORITY=3", "MT-PRIORITY=9", "MT-PRIORITY=-2", "REQUIRETLS", "SOLICIT=net.example:ADV",
      "SOLICIT=net.example:BOB", "SOLICIT=org.example:X,y", "MTRK=YWJjZGVmZ2hpamtsbW5vcHFyc3Q:1000", "MTRK=bad",
      "AUTH=<>", "AUTH=e+3Dmc2@example.com", "AUTH=+0D+0A", TRANSID, TRANSID, "TRANSID=1", "X-UNKNOWN=1", "=");
  /** Where mail for an address goes, when it is one of ours. */
  static final Map<String, List<String>> HERE = Map.of("alice@example.org", List.of("alice@example.org"),
      "bob@example.net", List.of("bob@example.net"), "alice+tag@example.org", List.of("alice@example.org"),
      "nobody@example.org", List.of(), "forward@example.org", List.of("dave@elsewhere.example"),
      "team@example.org", List.of("alice@example.org", "bob@example.org", "carol@elsewhere.example"));
  private static final List<String> OURS = HERE.keySet().stream().sorted().toList();
  private static final List<String> ELSEWHERE = List.of("x@elsewhere.example", "x@relayed.example", "y@idle.example",
      "x%elsewhere.example@relayed.example", "alice@[198.51.100.1]", "\u00c3\u00a9@elsewhere.example", "x@nodomain");
  private static final List<String> OF_RCPT = List.of("NOTIFY=SUCCESS,DELAY", "NOTIFY=NEVER", "NOTIFY=NEVER,DELAY",
      "ORCPT=rfc822;o+40x.example", "ORCPT=utf-8;a\\x{E9}@x.example", "ORCPT=rfc822;a+0D+0Ab",
      "RRVS=2020-01-01T00:00:00Z", "RRVS=2010-01-01T00:00:00Z;C", "RRVS=then", "ORCPT", "A=b");
  private static final List<String> OTHERS = List.of("EHLO client.example", "EHLO client.example",
      "LHLO client.example",
      "HELO client.example", "EHLO", "LHLO <x>", "RSET", "RSET now", "QUIT", "NOOP", "NOOP x", "HELP", "HELP MAIL",
      "VRFY alice",
      "VRFY", "EXPN team", "EXPN nobody", "STARTTLS", "STARTTLS", "STARTTLS", "STARTTLS x", "ETRN example.com",
      "ETRN @example.com",
      "ETRN #smtp://gate:25", "ETRN below.example.com", "ETRN elsewhere.example", "ETRN broken.example",
      "ETRN often.example", "ETRN", "ATRN",
      "ATRN idle.example", "ATRN idle.example", "ATRN example.com", "ATRN visited.example,example.com",
      "ATRN other.example", "ATRN ,",
      "XCLIENT ADDR=198.51.100.9 NAME=spike.example", "XCLIENT ADDR=203.0.113.9", "XCLIENT ADDR=[UNAVAILABLE] NAME=x",
      "XCLIENT ADDR=192.0.2.9", "XCLIENT HELO=other.example PROTO=SMTP", "XCLIENT HELO=other.example",
      "XCLIENT LOGIN=alice@example.org", "XCLIENT LOGIN=bob", "XCLIENT LOGIN=[UNAVAILABLE]", "XCLIENT HELO=a+0D+0Ab",
      "XFORWARD NAME=spike.example ADDR=198.51.100.9", "XFORWARD IDENT=A+42 HELO=x", "XFORWARD ADDR=[UNAVAILABLE]",
      "XFORWARD SOURCE=x", "TURN", "SEND FROM:<a@b>", "", " ", "bare\nline", "bare\rline", "NO\0OP", "\u00ff\u00fe",
      "x".repeat(3000), "QUIT now", "BURL", "BURL a b", "BDAT 10 LASTING", ".", "250 2.0.0 Queued as 1");
  private static final List<String> HELLOS = List.of("EHLO client.example", "LHLO client.example", "EHLO other.example",
      "HELO client.example");
  private static final List<String> LOGINS = List.of("AUTH", "AUTH PLAIN", "AUTH PLAIN =", "AUTH PLAIN " + RIGHT,
      "AUTH PLAIN " + RIGHT, "AUTH PLAIN " + login("alice@example.org", "wrong"), "AUTH PLAIN " + login("\0\0", "\r\n"),
      "AUTH LOGIN", "AUTH LOGIN AAAA", "AUTH CRAM-MD5", "AUTH CRAM-MD5 AAAA", "AUTH DIGEST-MD5", "AUTH SCRAM-SHA-256",
      "AUTH SCRAM-SHA-1-PLUS", "AUTH SCRAM-SHA-256 " + base64("n,,n=alice@example.org,r=abcdefgh"), "AUTH EXTERNAL =",
      "AUTH OAUTHBEARER " + base64("n,,\1auth=Bearer x\1\1"), "AUTH XOAUTH2 " + base64("user=a\1auth=Bearer x\1\1"),
      "AUTH GSSAPI", "AUTH PLAIN a b", "AUTH PLAIN " + "A".repeat(12_000));
  private static final List<String> RESPONSES = List.of(RIGHT, RIGHT, "*", "=", "", "ab@%", "AAAA",
      base64("alice@example.org"), base64("wonderland"), base64("c=biws,r=abcdefgh,p=AAAA"), "x".repeat(3000), "a\nb",
      "MAIL FROM:<s@client.example>");
  private static final List<String> CONTENTS = List.of("", "\r\n", "Subject: y\r\n\r\ny\r\n", "bare\nline\r\n",
      "a\rb\r\n", "From: eve@example.org\r\n\r\nx\r\n",
      "x\n.\nMAIL FROM:<evil@example.org>\nRCPT TO:<x@elsewhere.example>\r\n",
      "x\r.\r\n", "Solicitation: net.example:ADV\r\nFrom: alice@example.org\r\n\r\nx\r\n",
      "z: " + "z".repeat(66_000) + "\r\n",
      "TLS-Required: No\r\nMT-Priority: 4\r\nFrom: alice@example.org\r\n\r\nx\r\n", "\0\u00ff\r\n");
  private static final List<String> CHUNKS = List.of("From: alice@example.org\r\n\r\n", "x: y\r\n", "", "body\r\n",
      "a\nb",
      "RSET\r\nNOOP\r\n", ".\r\n", "\r", "\n", "end");
  private static final List<String> URLS = List.of(
      "imap://alice@imap.example.org/a;uid=1;urlauth=submit+alice%40example.org"
          + ":internal:91354a473744909de610943775f92038",
      "imap://x@imap.example.org/a;urlauth=submit+x:internal:91354a473744909de610943775f92038",
      "imap://x@other.example/a;urlauth=submit+alice%40example.org:internal:91354a473744909de610943775f92038",
      "imap://imap.example.org/a", "http://x");

  private final RandomGenerator random;

  Speech(RandomGenerator random) {
    this.random = random;
  }

  /** Returns the next command, more often than not one that has its place {@code at} this point; BDAT with its octets. */
  String command(At at) {
    return random.nextInt(3) == 0
        ? anything()
        : switch (at) {
          case GREETED -> of(HELLOS);
          case READY -> ready();
          case ENVELOPE -> random.nextInt(3) == 0 ? content(bdat()) : rcpt();
          case CHUNKS -> content(bdat());
          case LINES, RESPONSE, OVER -> throw new AssertionError("no command at " + at);
        };
  }

  private String ready() {
    return switch (random.nextInt(8)) {
      case 0 -> "STARTTLS";
      case 1 -> of(OTHERS);
      case 2, 3 -> ofTwo(List.of("AUTH PLAIN " + RIGHT), LOGINS);
      default -> mail();
    };
  }

  private String anything() {
    return switch (random.nextInt(8)) {
      case 0 -> mail();
      case 1 -> rcpt();
      case 2 -> content(bdat());
      case 3 -> of(LOGINS);
      default -> of(OTHERS);
    };
  }

  private String mail() {
    return random.nextInt(6) == 0
        ? "MAIL FROM:<alice@example.org> " + TRANSID
        : "MAIL FROM:<" + ofTwo(SENDERS.subList(0, 3), SENDERS) + ">" + parameters(OF_MAIL);
  }

  private String rcpt() {
    return "RCPT TO:<" + (random.nextInt(8) == 0 ? "postmaster" : ofTwo(OURS, ELSEWHERE)) + ">" + parameters(OF_RCPT);
  }

  private String content(String chunk) {
    return switch (random.nextInt(5)) {
      case 0, 1 -> "DATA";
      case 2 -> "BURL " + ofTwo(URLS.subList(0, 1), URLS) + (random.nextBoolean() ? " LAST" : "");
      default -> chunk;
    };
  }

  /** Returns an answer to a challenge. */
  String response() {
    return of(RESPONSES);
  }

  /** Returns a message, each line ended. */
  String content() {
    return ofTwo(GOOD, CONTENTS);
  }

  private String bdat() {
    String chunk = random.nextInt(3) == 0 ? of(GOOD) : of(CHUNKS);
    return "BDAT " + chunk.length() + (random.nextBoolean() ? " LAST" : "") + "\r\n" + chunk;
  }

  private String parameters(List<String> all) {
    int count = Math.max(0, random.nextInt(6) - 2);
    return Stream.generate(() -> " " + of(all)).limit(count).collect(Collectors.joining());
  }

  private String ofTwo(List<String> likely, List<String> others) {
    return of(random.nextInt(3) > 0 ? likely : others);
  }

  private String of(List<String> all) {
    return all.get(random.nextInt(all.size()));
  }

  private static String login(String name, String password) {
    return base64("\0" + name + "\0" + password);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
