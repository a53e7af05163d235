package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.Accounts;
import org.posthorn.daemon.auth.AuthSettings;
import org.posthorn.daemon.auth.GuardSettings;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Secret;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.quota.SendingLimits;
import org.posthorn.smtp.Domain;

/** Whatever a client says, in whatever order, some things must hold. */
class RandomDialogueTest {
  private static final Set<Domain> MAY_RECEIVE = Set.of(Domain.of("example.org"), Domain.of("example.net"),
      Domain.of("relayed.example"));
  private static final Set<String> WHERE_ALIASES_LEAD = Set.of("carol@elsewhere.example", "dave@elsewhere.example");
  private static final List<String> SENTENCES = List.of(
      "EHLO client.example\r\n", "HELO client.example\r\n", "RSET\r\n", "NOOP\r\n", "HELP\r\n", "VRFY alice\r\n",
      "MAIL FROM:<s@client.example>\r\n", "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n", "MAIL FROM:<a@b> SIZE=99999999\r\n",
      "RCPT TO:<alice@example.org>\r\n", "RCPT TO:<team@example.org> NOTIFY=SUCCESS\r\n",
      "RCPT TO:<bob@example.net>\r\n", "RCPT TO:<nobody@example.org>\r\n", "RCPT TO:<x@elsewhere.example>\r\n",
      "RCPT TO:<x@relayed.example>\r\n", "RCPT TO:<postmaster>\r\n", "RCPT TO:<alice@[192.0.2.1]>\r\n",
      "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n", "DATA\r\n.\r\n", "DATA\r\nbare\nline\r\n.\r\n",
      "BDAT 6\r\nx: y\r\n", "BDAT 0\r\n", "BDAT 6 LAST\r\nz: 1\r\n", "BDAT 0 LAST\r\n", "BDAT 3 LAST\r\na\nb",
      "QUIT?\r\n", "\r\n", "bare\nline\r\n", "MAIL FROM:<unclosed\r\n",
      "AUTH PLAIN\r\n", "AUTH PLAIN " + login("alice@example.org", "wonderland") + "\r\n",
      "AUTH PLAIN " + login("alice@example.org", "wrong") + "\r\n", "AUTH PLAIN =\r\n", "AUTH LOGIN AAAA\r\n",
      "AUTH CRAM-MD5\r\n", login("alice@example.org", "wonderland") + "\r\n", "*\r\n", "STARTTLS\r\n",
      "MAIL FROM:<alice@example.org> AUTH=<>\r\n", "RCPT TO:<anyone@elsewhere.example>\r\n");

  private final Inbound inbound = new Inbound();
  private final SpokenSession session = new SpokenSession(inbound, Inbound.settings(), SpokenSession.STRANGER);

  @ParameterizedTest
  @MethodSource("seeds")
  void holdsForSentencesInAnyOrder(long seed) {
    var random = new Random(seed);
    long promised = 0;
    for (int turn = 0; turn < 60 && !session.isClosed(); turn++) {
      String said = SENTENCES.get(random.nextInt(SENTENCES.size()));
      String replies = session.send(said);
      assertThat(replies).as("a reply to %s", said).isNotEmpty();
      promised += promises(replies);
    }
    session.session().close();
    assertKept(inbound, promised);
  }

  /** On 587 and on 25 with AUTH, in the clear until STARTTLS. */
  @ParameterizedTest
  @MethodSource("seeds")
  void holdsForLoginsInAnyOrder(long seed) {
    var random = new Random(seed);
    var kind = random.nextBoolean() ? Kind.SUBMISSION : Kind.MX;
    var users = new SpokenSession(inbound, withUsers(), SpokenSession.STRANGER, Terms.of(kind));
    var seen = new SeenDialogue(kind);
    long promised = 0;
    for (int turn = 0; turn < 80 && !users.isClosed(); turn++) {
      String said = SENTENCES.get(random.nextInt(SENTENCES.size()));
      String replies = users.send(said);
      seen.check(said, replies);
      if (replies.startsWith("220 2.0.0")) {
        users.session().encrypted(new Encryption(new FixedTlsSession()));
      }
      promised += promises(replies);
    }
    users.session().close();
    assertKept(inbound, promised);
    assertThat((long) inbound.spool.messages().size()).isLessThanOrEqualTo(seen.mayHaveSent());
  }

  /** The first octet chooses the listener; the rest is what the client says, once it is under TLS. */
  @FuzzTest
  void holdsForAnyOctets(byte[] input) {
    var fresh = new Inbound();
    var kind = input.length > 0 && input[0] % 2 == 0 ? Kind.SUBMISSIONS : Kind.MX;
    var anything = new SpokenSession(fresh, withUsers(), SpokenSession.STRANGER, Terms.of(kind));
    anything.session().encrypted(new Encryption(new FixedTlsSession()));
    long promised = promises(anything.send(new String(input, StandardCharsets.ISO_8859_1)));
    anything.session().close();
    assertKept(fresh, promised);
  }

  private static InboundSettings withUsers() {
    var usual = Inbound.settings();
    var alice = new Account("alice@example.org", List.of(Secret.parse("{PLAIN}wonderland")), List.of(), List.of(),
        List.of(), SendingLimits.NONE, true);
    var auth = new AuthSettings(List.of(Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.CRAM_MD5),
        () -> new Accounts(List.of(alice)), Optional.empty(), Optional.empty(), Optional.empty(), true,
        new GuardSettings(1000, 1000, Duration.ofHours(1), Duration.ZERO, Duration.ofMinutes(15), Duration.ofDays(1)),
        AuthSettings.NONE.hashing());
    return usual.with(auth);
  }

  private static String login(String name, String password) {
    return Base64.getEncoder().encodeToString(("\0" + name + "\0" + password).getBytes(StandardCharsets.UTF_8));
  }

  /** What a client can tell from the replies alone of where the dialogue is, and what must not follow from there. */
  private static final class SeenDialogue {
    private final Kind kind;
    private boolean hasGreeted;
    private boolean hasSender;
    private boolean hasRecipient;
    private boolean isAuthenticated;
    private boolean isEncrypted;
    private long mayHaveSent;

    SeenDialogue(Kind kind) {
      this.kind = kind;
    }

    long mayHaveSent() {
      return mayHaveSent;
    }

    void check(String said, String replies) {
      replies.lines().forEach(reply -> checkOne(said, reply));
      boolean isGreeting = replies.startsWith("250") && (said.startsWith("EHLO") || said.startsWith("HELO"));
      hasGreeted |= isGreeting;
      boolean isReset = replies.startsWith("250") && said.startsWith("RSET");
      if (isGreeting || isReset || replies.startsWith("354") || said.contains(" LAST")) {
        hasSender = false;
        hasRecipient = false;
      }
    }

    private void checkOne(String said, String reply) {
      if (reply.startsWith("235")) {
        assertThat(isAuthenticated).as("a second login").isFalse();
        assertThat(hasGreeted && isEncrypted && !hasSender).as("login after EHLO, under TLS, before MAIL").isTrue();
        isAuthenticated = true;
      } else if (reply.startsWith("220")) {
        assertThat(said).isEqualTo("STARTTLS\r\n");
        assertThat(hasGreeted && !isEncrypted && !hasSender).as("STARTTLS after EHLO, once, before MAIL").isTrue();
        isEncrypted = true;
        hasGreeted = false;
      } else if (reply.startsWith("250 2.1.0")) {
        assertThat(hasGreeted && !hasSender).as("MAIL after EHLO, once").isTrue();
        assertThat(kind == Kind.MX || isAuthenticated).as("MAIL after AUTH").isTrue();
        hasSender = true;
        hasRecipient = false;
      } else if (reply.startsWith("250 2.1.5")) {
        assertThat(hasSender).as("RCPT after MAIL").isTrue();
        assertThat(isAuthenticated || !said.contains("elsewhere.example")).as("no relay without AUTH").isTrue();
        hasRecipient = true;
      } else if (reply.startsWith("354")) {
        assertThat(hasRecipient).as("DATA after RCPT").isTrue();
      } else if (reply.startsWith("250 2.0.0 Queued as")) {
        assertThat(hasRecipient).as("a message after RCPT").isTrue();
        mayHaveSent++;
      }
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  private static long promises(String replies) {
    return replies.lines().filter(line -> line.startsWith("250 2.0.0 Queued as")).count();
  }

  private static boolean isOf(RememberingSpool.Stored stored, String user) {
    return stored.text().contains(" with ESMTPSA id ") && stored.message().envelope().from().toString().contains(user);
  }

  /** Every promise is kept and nothing else is stored, nothing is left behind, and nobody relayed. */
  private static void assertKept(Inbound inbound, long promised) {
    assertThat(inbound.spool.messages()).hasSize((int) promised);
    assertThat(inbound.accepted).hasSize((int) promised);
    assertThat(inbound.spool.openDrafts()).isZero();
    assertThat(inbound.intake.heldBytes()).hasValue(0);
    for (var stored : inbound.spool.messages()) {
      assertThat(stored.text()).startsWith("Received: from ");
      assertThat(stored.message().envelope().recipients()).isNotEmpty()
          .allMatch(r -> MAY_RECEIVE.contains(r.address().host())
              || WHERE_ALIASES_LEAD.contains(r.address().toString())
              || isOf(stored, "alice@example.org"));
    }
  }
}
