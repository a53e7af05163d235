package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.daemon.inbound.DialogueModel.At;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.smtp.Printable;

/**
 * Whatever a client says, in whatever order, on whatever listener: each reply is one that the {@link DialogueModel} allows,
 * each promise is kept, and nothing is stored that was not promised.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RandomDialogueTest {
  private static final int SESSIONS = 3;
  private static final int TURNS = 60;
  private static final int MAX_HELD = 512 * 1024;
  private static final List<Terms> LISTENERS = List.of(Terms.of(Kind.MX), Terms.of(Kind.SUBMISSION),
      Terms.of(Kind.SUBMISSIONS), Terms.of(Kind.LMTP), Terms.of(Kind.ODMR), new Terms(Kind.MX, Tls.REQUIRED),
      new Terms(Kind.SUBMISSION, Tls.OFFERED), new Terms(Kind.LMTP, Tls.OFFERED));
  /** A stranger, a trusted client, servers in front of us of both kinds, and somebody behind a proxy that does not say who. */
  private static final List<Client> CLIENTS = List.of(client("198.51.100.7"), client("192.0.2.7"),
      client("203.0.113.5"), client("192.0.2.200"),
      Client.unknownBehind(InetAddress.ofLiteral("203.0.113.5")));

  /** What has to be heard now and then, or the dialogues do not go far. */
  private static final List<String> MUST_BE_HEARD = List.of("250 2.0.0 Queued", "235 ", "220 2.0.0 ", "221 ", "214 ",
      "250 2.5.0 Waiting", "354 End", "354 Send the message from", "355 ", "250 2.3.6 ", "253 ", "251 2.0.0 ", "458 ",
      "459 ", "250 2.0.0 OK now reversing", "453 ", "450 4.7.1 ", "220 mx.example.org LMTP", "220 mx.example.org ESMTP",
      "334 ", "535 ", "538 ", "504 ", "530 5.7.0 Send", "530 5.7.0 Auth", "530 5.7.10 ", "550 5.7.0 ", "550 5.7.1 ",
      "550 5.7.17 ", "550 5.1.1 ", "552 5.3.4 ", "553 5.7.1 ", "553 5.6.7 ", "554 5.5.4 ", "554 5.7.0 ", "554 5.7.8 ",
      "421 4.7.0 Too many", "550 5.5.2 ", "555 5.5.4 HOLD", "555 5.5.4 TRANSID", "502 5.5.1 BURL", "503 5.5.1 BINARY",
      "554 5.5.0 ", "503 5.5.1 The envelope");

  private static final Set<String> ALL_HEARD = new HashSet<>();
  private static FetchedFrom imap;

  private final List<String> dialogue = new ArrayList<>();

  @BeforeAll
  static void begin() throws IOException {
    imap = new FetchedFrom(Speech.FETCHED);
  }

  @AfterAll
  static void end() throws IOException {
    imap.close();
  }

  /** Whether the dialogues come to all that there is: runs behind all others. */
  @Test
  @Order(2)
  void allIsHeardNowAndThen() {
    assertThat(MUST_BE_HEARD).allSatisfy(
        reply -> assertThat(ALL_HEARD).as(reply).anyMatch(heard -> heard.startsWith(reply)));
  }

  private static Client client(String literal) {
    var address = InetAddress.ofLiteral(literal);
    return new Client(address, FuzzedListener.TRUSTED.contains(address));
  }

  private static Client copy(Client client) {
    return client.isUnknown()
        ? Client.unknownBehind(client.address())
        : new Client(client.address(), client.isTrustedForAddress());
  }

  static LongStream seeds() {
    return LongStream.range(0, 240);
  }

  /** Several sessions, some of which break off, and a later one may go on where an earlier one did. */
  @Order(1)
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void allIsAsTheModelHasIt(long seed) {
    var random = new Random(seed);
    var inbound = new Inbound();
    var promised = new HashSet<String>();
    var who = CLIENTS.get(random.nextInt(CLIENTS.size()));
    try {
      for (int i = 0; i < SESSIONS; i++) {
        boolean isPatient = random.nextInt(4) > 0;
        var terms = LISTENERS.get((int) (seed % LISTENERS.size()));
        new Talk(inbound, terms, copy(who), isPatient, promised, random).run();
      }
      assertKept(inbound, promised);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + " after\n" + String.join("\n", dialogue), e);
    }
  }

  /** The first octet chooses the listener; the rest is what the client says, once it is under TLS where there is any. */
  @FuzzTest
  void holdsForAnyOctets(byte[] input) {
    var fresh = new Inbound();
    var terms = LISTENERS.get(input.length > 0 ? Math.floorMod(input[0], LISTENERS.size()) : 0);
    var nowhere = new BurlSettings.Place("127.0.0.1", 1);
    var session = new SpokenSession(fresh, FuzzedListener.settings(nowhere, true), client("198.51.100.7"), terms);
    if (terms.tls() != Tls.NONE) {
      session.session().encrypted(new Encryption(new FixedTlsSession()));
    }
    var heard = Heard.all(session.wire(new String(input, StandardCharsets.ISO_8859_1)));
    session.session().close();
    var promised = new HashSet<String>();
    heard.stream()
        .filter(reply -> reply.toString().startsWith("250 2.0.0 Queued as "))
        .forEach(reply -> promised.add(reply.toString().substring("250 2.0.0 Queued as ".length())));
    assertKept(fresh, promised);
  }

  private static void assertKept(Inbound inbound, Set<String> promised) {
    assertThat(inbound.spool.messages().stream().map(stored -> stored.message().id().value()))
        .as("each promise is kept, and nothing else")
        .containsExactlyInAnyOrderElementsOf(promised);
    assertThat(inbound.accepted).hasSize(promised.size());
    assertThat(inbound.spool.openDrafts()).as("drafts that were left behind").isZero();
    assertThat(inbound.intake.heldBytes()).as("octets that are held for nobody").hasValue(0);
  }

  /** One session with its model beside it. */
  private final class Talk {
    private final Inbound inbound;
    private final SpokenSession session;
    private final DialogueModel model;
    private final Speech speech;
    private final Random random;

    Talk(Inbound inbound, Terms terms, Client client, boolean isPatient, Set<String> promised, Random random) {
      this.inbound = inbound;
      this.random = random;
      session = new SpokenSession(inbound, FuzzedListener.settings(imap.place(), isPatient), client, terms);
      model = new DialogueModel(terms, client, isPatient, promised, inbound.spool);
      speech = new Speech(random);
      dialogue.add("-- " + terms + " for " + client + (isPatient ? "" : ", impatient"));
      if (terms.tls() == Tls.IMPLICIT) {
        session.session().encrypted(new Encryption(new FixedTlsSession()));
      }
    }

    void run() {
      boolean isHalf = false;
      for (int turn = 0; turn < TURNS && model.at() != At.OVER && !isHalf; turn++) {
        say();
        assertThat(session.isClosed()).as("over").isEqualTo(model.at() == At.OVER);
        assertThat(inbound.spool.openDrafts()).isLessThanOrEqualTo(1);
        assertThat(inbound.intake.heldBytes().get()).isLessThan(MAX_HELD);
        assertThat(session.client().forwarded()).isEqualTo(model.forwarded());
        isHalf = model.at() == At.LINES && random.nextInt(6) == 0;
      }
      if (isHalf || (model.at() != At.OVER && random.nextBoolean())) {
        breakOff();
      }
      session.session().close();
    }

    private void say() {
      switch (model.at()) {
        case LINES -> {
          var content = speech.content();
          var stuffed = ("\r\n" + content).replace("\r\n.", "\r\n..").substring(2);
          model.sent(content, heard(stuffed + ".\r\n"));
        }
        case RESPONSE -> {
          var response = speech.response();
          model.responded(response, heard(response + "\r\n"));
        }
        case GREETED, READY, ENVELOPE, CHUNKS -> command(speech.command(model.at()));
        case OVER -> throw new AssertionError("there is nothing to say");
      }
    }

    private void command(String said) {
      boolean isChunk = said.startsWith("BDAT ") && said.contains("\r\n");
      int end = isChunk ? said.indexOf("\r\n") : said.length();
      var heard = heard(isChunk ? said : said + "\r\n");
      model.said(said.substring(0, end), isChunk ? said.substring(end + 2) : "", heard);
      if (heard.stream().anyMatch(reply -> reply.toString().startsWith("220 2.0.0 "))) {
        session.session().encrypted(new Encryption(new FixedTlsSession()));
        model.encrypted();
      }
    }

    /** In the middle of something; not a word of it may count. */
    private void breakOff() {
      switch (model.at()) {
        case LINES -> session.wire("From: alice@example.org\r\n\r\nhalf");
        case RESPONSE -> session.wire(Speech.RIGHT);
        case GREETED, READY, ENVELOPE, CHUNKS -> session.wire("BDAT 10 LAST\r\nhalf");
        case OVER -> throw new AssertionError("it is over");
      }
    }

    private List<Heard> heard(String said) {
      dialogue.add("C: " + said.substring(0, Math.min(200, said.length())));
      var wire = session.wire(said);
      dialogue.add("S: " + wire);
      var heard = Heard.all(wire);
      heard.forEach(reply -> ALL_HEARD.add(Printable.cut(reply.toString(), 30)));
      return heard;
    }
  }
}
