package org.posthorn.delivery.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.posthorn.delivery.mailbox.LocalMail.task;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.posthorn.delivery.mailbox.MailboxSettings.Format;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Outcome.Handover;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.ReversePath;

class MaildirDeliveryTest {
  private static final String MESSAGE = "Subject: hi\n\nbody\n";

  private static final String TRACE = """
                                      Return-Path: <ann@sender.example>
                                      Delivered-To: alice@example.org
                                      """;

  @TempDir
  private Path folder;

  @Test
  void storesTheMessageWithTheTraceOfFinalDeliveryOnTopAndLinesEndingInLf() throws Exception {
    assertThat(deliver(task(MESSAGE, "alice"))).singleElement()
        .isInstanceOfSatisfying(Outcome.Delivered.class,
            delivered -> assertThat(delivered.handover()).isEqualTo(Handover.MAILBOX));

    assertThat(stored("alice")).containsExactly(TRACE + MESSAGE);
  }

  @Test
  void encodesWhatIsMoreThanLines() throws Exception {
    deliver(binary("Content-Type: image/gif\nContent-Transfer-Encoding: binary\n\nG\0"));
    assertThat(stored("alice")).containsExactly(
        TRACE + "Content-Type: image/gif\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nRwA=\n");

    assertThat(deliver(binary("Content-Type: multipart/signed; boundary=b\n\n--b\n\n\0\n--b--\n"))).singleElement()
        .isInstanceOfSatisfying(Outcome.Failed.class,
            failed -> assertThat(failed.diagnostic().status()).hasToString("5.6.3"));
  }

  private static DeliveryTask binary(String content) {
    var lines = task(content, "alice");
    var message = lines.message();
    return new DeliveryTask(new QueuedMessage(message.id(), message.queuedAt(),
        message.envelope().with(BodyType.BINARY_MIME), message.contentBytes()), lines.recipients(), lines.destination(),
        lines.content());
  }

  @Test
  void writesTheNullSenderAsEmptyPath() throws Exception {
    deliver(LocalMail.task(LocalMail.content(MESSAGE), ReversePath.NULL, LocalMail.at("alice")));

    assertThat(stored("alice")).singleElement().asString().startsWith("Return-Path: <>\n");
  }

  @Test
  void namesTheFileByTimeProcessCountHostAndSize() throws Exception {
    deliver(task(MESSAGE, "alice"));

    try (var files = Files.list(mailbox("alice").resolve("new"))) {
      var file = files.findFirst().orElseThrow();
      assertThat(file.getFileName().toString())
          .matches("1795335330\\.M123456P\\d+Q1R[0-9a-f]{16}\\.mail\\\\072host,S=" + Files.size(file));
    }
  }

  @Test
  void leavesNothingInTmpAndLetsNobodyElseRead() throws Exception {
    deliver(task(MESSAGE, "alice"));

    assertThat(mailbox("alice").resolve("tmp")).isEmptyDirectory();
    for (var path : List.of(folder.resolve("mail"), folder.resolve("mail/example.org"), mailbox("alice"),
        mailbox("alice").resolve("cur"), mailbox("alice").resolve("new"), mailbox("alice").resolve("tmp"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).as(path.toString())
          .isEqualTo("rwx------");
    }
    try (var files = Files.list(mailbox("alice").resolve("new"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.findFirst().orElseThrow())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void makesWhatIsMissingOfAMaildirThatIsThereInPart() throws Exception {
    deliver(task(MESSAGE, "alice"));
    try (var files = Files.list(mailbox("alice").resolve("new"))) {
      Files.delete(files.findFirst().orElseThrow());
    }
    Files.delete(mailbox("alice").resolve("new"));

    assertThat(deliver(task(MESSAGE, "alice"))).hasOnlyElementsOfType(Outcome.Delivered.class);
    assertThat(stored("alice")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Return-Path: <old@x.example>\n", "return-path:\n <old@x.example>\n\t(folded)\n",
      "Return-Path: <a@x.example>\nRETURN-PATH: <b@x.example>\n",
      "Require-recipient-valid-since: a@b.example;\n Sat, 1 Jun 2013 09:23:01 -0700\nReturn-Path: <a@x.example>\n"})
  void removesWhatEndsWithDelivery(String fields) throws Exception {
    String kept = """
                  Return-Path-Like: kept
                  Return-Pat: kept
                  Require-Recipient-Valid-Sincere: kept
                  Re: kept

                  Return-Path: body
                  """;
    deliver(task("Received: one\n" + fields + kept, "alice"));

    assertThat(stored("alice")).containsExactly(TRACE + "Received: one\n" + kept);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Return-Path: <x@y.example>", "Return-P", "Subject: no body", "\n",
      "\nReturn-Path: body"})
  void storesMessagesThatEndAnywhere(String text) throws Exception {
    deliver(task(text, "alice"));

    String kept = text.equals("Return-Path: <x@y.example>") || text.isEmpty() || text.endsWith("\n") ? "" : text + "\n";
    assertThat(stored("alice")).containsExactly(TRACE + (text.equals("\n") ? "\n" : kept));
  }

  @Test
  void keepsACarriageReturnWithinALine() throws Exception {
    var octets = "A: b\r\n\r\nx\ry\r\r\nz\r".getBytes(StandardCharsets.US_ASCII);
    deliver(LocalMail.task(content(octets.length, () -> new ByteArrayInputStream(octets)), LocalMail.SENDER,
        LocalMail.at("alice")));

    assertThat(stored("alice")).singleElement().asString().endsWith("A: b\n\nx\ry\r\nz\r\n");
  }

  @Test
  void deliversToEachRecipientAndTellsOfEach() throws Exception {
    var outcomes = deliver(task(MESSAGE, "alice", "nobody", "bob"));

    assertThat(outcomes).extracting(outcome -> outcome.diagnostic().status().toString())
        .containsExactly("2.0.0", "5.1.1", "2.0.0");
    assertThat(outcomes.get(1)).isInstanceOf(Outcome.Failed.class);
    assertThat(stored("alice")).hasSize(1);
    assertThat(stored("bob")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Alice", "ALICE", "alice+tag", "alice+a+b", "Alice+Tag"})
  void findsTheUserWithoutRegardToCaseAndAddressExtension(String localPart) throws Exception {
    deliver(task(MESSAGE, localPart));

    assertThat(stored("alice")).singleElement().asString().contains("Delivered-To: " + localPart + "@example.org\n");
  }

  @Test
  void prefersAUserWhoseNameHoldsTheDelimiter() throws Exception {
    deliver(task(MESSAGE, "with+plus"));

    assertThat(stored("with+plus")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../alice", "a/b", "..", ".hidden", "", "+tag", "..+alice", "alice/../bob"})
  void neverLeavesTheFolderOfMailboxes(String localPart) throws Exception {
    var everyone = new MailboxSettings(Format.MAILDIR, folder + "/mail/{domain}/{user}", Optional.of('+'));
    try (var delivery = new MailboxDelivery(everyone, (_, _) -> true, "host", () -> LocalMail.NOW, new Random(1))) {
      var outcome = outcomes(delivery, task(MESSAGE, localPart)).getFirst();

      if (localPart.equals("+tag")) {
        assertThat(outcome).isInstanceOf(Outcome.Delivered.class);
      } else {
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        assertThat(folder).isEmptyDirectory();
      }
    }
  }

  @Test
  void defersAndLeavesNothingWhenTheContentBreaksOff() throws Exception {
    var broken = content(100, () -> new SequenceInputStream(
        new ByteArrayInputStream(MESSAGE.repeat(9000).getBytes(StandardCharsets.US_ASCII)), new BrokenStream()));

    assertThat(deliver(LocalMail.task(broken, LocalMail.SENDER, LocalMail.at("alice")))).singleElement()
        .satisfies(outcome -> assertThat(outcome).isInstanceOf(Outcome.Deferred.class));
    assertThat(mailbox("alice").resolve("tmp")).isEmptyDirectory();
    assertThat(mailbox("alice").resolve("new")).isEmptyDirectory();
  }

  @Test
  void defersWhenAFileStandsWhereTheMailboxShouldBe() throws Exception {
    Files.writeString(folder.resolve("mail"), "in the way");

    assertThat(deliver(task(MESSAGE, "alice"))).singleElement()
        .isEqualTo(new Outcome.Deferred(
            Outcome.Diagnostic.ours("4.3.1", "the mailbox cannot be written to")));
  }

  @Test
  void namesDifferInTheSameMoment() {
    var names = new UniqueNames("host", () -> LocalMail.NOW, new Random(1));
    var others = new UniqueNames("host", () -> LocalMail.NOW, new Random(2));

    assertThat(Stream.generate(names::next).limit(1000).collect(Collectors.toSet()))
        .hasSize(1000)
        .doesNotContain(others.next());
  }

  @Test
  void storesTheSameOctetsWhereverAChunkEnds() throws Exception {
    String text = "Return-Path: a\nReturn-Patx: b\nX: y\n z\n\nlong " + "line ".repeat(40) + "\nend\n";
    var octets = text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    deliver(
        LocalMail.task(content(octets.length, () -> new OneByOne(octets)), LocalMail.SENDER, LocalMail.at("alice")));

    assertThat(stored("alice")).singleElement()
        .asString()
        .endsWith("org\n" + text.substring("Return-Path: a\n".length()));
  }

  private List<Outcome> deliver(DeliveryTask task) {
    var settings = new MailboxSettings(Format.MAILDIR, folder + "/mail/{domain}/{user}", Optional.of('+'));
    LocalUsers users = (user, _) -> List.of("alice", "bob", "with+plus").contains(user);
    try (var delivery = new MailboxDelivery(settings, users, "mail:host", () -> LocalMail.NOW, new Random(1))) {
      return outcomes(delivery, task);
    }
  }

  private static List<Outcome> outcomes(MailboxDelivery delivery, DeliveryTask task) {
    try (var lane = delivery.open()) {
      var attempt = lane.deliver(task);
      assertThat(attempt.outcomes()).containsOnlyKeys(task.recipients().toArray(RecipientNumber[]::new));
      return task.recipients().stream().map(number -> attempt.outcomes().get(number)).toList();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Path mailbox(String user) {
    return folder.resolve("mail/example.org").resolve(user);
  }

  private List<String> stored(String user) throws IOException {
    try (var files = Files.list(mailbox(user).resolve("new"))) {
      return files.map(MaildirDeliveryTest::read).toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static MessageContent content(long size, Opening opening) {
    return new MessageContent() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public InputStream open() throws IOException {
        return opening.open();
      }
    };
  }

  private interface Opening {
    InputStream open() throws IOException;
  }

  private static final class BrokenStream extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("broken");
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      throw new IOException("broken");
    }
  }

  private static final class OneByOne extends ByteArrayInputStream {
    OneByOne(byte[] octets) {
      super(octets);
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) {
      return super.read(into, offset, Math.min(1, length));
    }
  }
}
