package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.Trace.Protocol.Form;
import org.posthorn.queue.InMemorySpool;
import org.posthorn.smtp.ClientAttributes.Name;
import org.posthorn.smtp.ClientAttributes;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.CommandParser;

/**
 * How far a dialogue has come and what may be said next, told a second time and more plainly than the session does it: each
 * reply is held against what the rules of {@link FuzzedListener} and the RFCs make of all that was said before.
 */
final class DialogueModel {
  /** What comes next. */
  enum At {
    GREETED, READY, ENVELOPE, CHUNKS, LINES, RESPONSE, OVER
  }

  private static final Pattern QUEUED = Pattern.compile("250 2\\..*[Qq]ueued as (\\S+)");

  private final Terms terms;
  private final ModelClient client;
  private final boolean isPatient;
  private final Set<String> promised;
  private final InMemorySpool spool;
  private final List<String> responses = new ArrayList<>();
  private At at = At.GREETED;
  private Hello hello = new Hello("", Form.SMTP);
  private ClientAttributes forwarded = ClientAttributes.NONE;
  private Optional<ModelTransaction> open = Optional.empty();

  /** {@code promised} takes the ids of all messages that a client was told are ours; {@code spool} must have them. */
  DialogueModel(Terms terms, Client client, boolean isPatient, Set<String> promised, InMemorySpool spool) {
    this.terms = terms;
    this.spool = spool;
    this.promised = promised;
    this.client = new ModelClient(terms, client);
    this.isPatient = isPatient;
  }

  At at() {
    return at;
  }

  ClientAttributes forwarded() {
    return forwarded;
  }

  /** The handshake is done (RFC 3207 §4.2). */
  void encrypted() {
    client.encrypted();
    begin(At.GREETED);
  }

  /** Takes the replies to a command, and to the octets behind BDAT. */
  void said(String line, String octets, List<Heard> heard) {
    if (isOver(heard)) {
      return;
    }
    if (line.length() + 2 > 2048 && !line.startsWith("AUTH ")) {
      expect(heard, "500 5.5.2 Line too long");
    } else if (line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0) {
      expect(heard, "500 5.5.2 Lines must end with CRLF");
    } else if (line.indexOf('\u00ff') >= 0) {
      expect(heard, "500 5.5.2 Not UTF-8");
    } else {
      var text = new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      perform(CommandParser.parse(text), octets, heard);
    }
  }

  /** Who tries too much is shown the door, with one reply whatever there was to say. */
  private boolean isOver(List<Heard> heard) {
    boolean isEnd = !isPatient && !heard.isEmpty()
        && heard.getLast().toString().startsWith("421 4.7.0 Too many errors");
    at = isEnd ? At.OVER : at;
    return isEnd;
  }

  private void perform(Command command, String octets, List<Heard> heard) {
    switch (command) {
      case Command.Unusable(var reply) -> expect(heard, Pattern.quote(reply.toString()));
      case Command.UnreadableChunk(var reply) -> last(heard, Pattern.quote(reply.toString()));
      case Command.Helo(var who) -> hello(new Hello(who, Form.SMTP), heard);
      case Command.Ehlo(var who) -> hello(new Hello(who, Form.ESMTP), heard);
      case Command.Lhlo(var who) -> hello(new Hello(who, Form.LMTP), heard);
      case Command.Noop _ -> expect(heard, "250 2.0.0 Ok");
      case Command.Help _ -> expect(heard, "214 2.0.0 .*");
      case Command.Rset _ -> {
        expect(heard, "250 2.0.0 Ok");
        begin(at == At.GREETED ? At.GREETED : At.READY);
      }
      case Command.Quit _ -> last(heard, "221 2.0.0 Bye");
      case Command.Vrfy _ -> expect(heard, client.obstacle().orElse("25[0-2] 2\\..*|550 5.1.1 .*"));
      case Command.Expn _ ->
        expect(heard, client.obstacle().orElse(client.mayRelay() ? "250 2.1.5 .*|550 5.1.1 .*" : "502 5.5.1 .*"));
      case Command.StartTls _ -> startTls(heard);
      case Command.Auth auth -> auth(auth, heard);
      case Command.Mail mail -> mail(mail, heard);
      case Command.Rcpt rcpt -> rcpt(rcpt, heard);
      case Command.Data _ -> data(heard);
      case Command.Bdat bdat -> bdat(bdat, octets, heard);
      case Command.Burl burl -> burl(burl, heard);
      case Command.Etrn _ -> expect(heard, client.obstacle().or(this::outside).orElse("25[13] 2.*|458 4.*|459 4.*"));
      case Command.Atrn _ -> atrn(heard);
      case Command.Xclient(var said) -> xclient(said, heard);
      case Command.Xforward(var said) -> {
        expect(heard, speaking().orElse("250 2.0.0 Ok"));
        forwarded = speaking().isPresent() ? forwarded : said.after(forwarded);
      }
    }
  }

  private void hello(Hello said, List<Heard> heard) {
    if ((said.form() == Form.LMTP) != terms.isLmtp()) {
      expect(heard, "500 5.5.1 .*");
      return;
    }
    assertThat(heard).singleElement()
        .matches(reply -> reply.code() == 250 && reply.lines()
            .getFirst()
            .equals(
                "mx.example.org"));
    hello = said;
    begin(At.READY);
    client.assertAnnounced(heard.getFirst(), said);
  }

  private void startTls(List<Heard> heard) {
    boolean isOutside = at == At.GREETED || at == At.READY;
    if (at == At.READY && client.offersTls()) {
      expect(heard, "220 2.0.0 Start TLS");
    } else if (client.offersTls()) {
      expect(heard, isOutside ? "503 5.5.1 Send HELO.*" : "503 5.5.1 A transaction.*");
    } else {
      expect(heard, client.isEncrypted() ? "503 5.5.1 The connection is.*" : "502 5.5.1 STARTTLS is.*");
    }
  }

  private void auth(Command.Auth auth, List<Heard> heard) {
    if (at != At.READY || !hello.extended()) {
      expect(heard, "503 5.5.1 .*");
      return;
    }
    var refusal = ModelRules.objection(auth, client);
    responses.clear();
    responses.add(auth.mechanism());
    auth.initialResponse().ifPresent(responses::add);
    if (refusal.isPresent()) {
      expect(heard, refusal.get());
      return;
    }
    step(heard);
  }

  /** Takes the reply to an answer to a challenge. */
  void responded(String response, List<Heard> heard) {
    at = At.READY;
    responses.add(response);
    if (!isOver(heard)) {
      step(heard);
    }
  }

  private void step(List<Heard> heard) {
    boolean isRight = Speech.RIGHT_LOGINS.contains(responses);
    expect(heard, isRight ? "235 2.7.0 .*|454 4.7.0 .*" : "334 .*|50[014] 5.*|535 5.7.8 .*|454 4.7.0 .*");
    at = heard.getFirst().code() == 334 ? At.RESPONSE : at;
    if (heard.getFirst().code() == 235) {
      client.authenticated();
    }
  }

  /** What is no place for commands between messages. */
  private Optional<String> outside() {
    return switch (at) {
      case GREETED -> Optional.of("503 5.5.1 Send HELO.*");
      case READY -> Optional.empty();
      case ENVELOPE, CHUNKS -> Optional.of("503 5.5.1 A transaction is open.*");
      case LINES, RESPONSE, OVER -> throw new AssertionError("no command in " + at);
    };
  }

  private Optional<String> speaking() {
    return client.isFrontEnd() ? outside().filter(_ -> at != At.GREETED) : Optional.of("550 5.7.0 .*");
  }

  private void atrn(List<Heard> heard) {
    if (terms.kind() != Kind.ODMR) {
      expect(heard, "502 5.5.1 ATRN.*");
    } else if (client.login().isEmpty()) {
      expect(heard, "530 5.7.0 .*");
    } else {
      expect(heard, outside().orElse(client.isAlice() ? "250 2.0.0 OK now.*|45[03] 4.*" : "450 4.7.1 .*"));
      at = heard.getFirst().code() == 250 ? At.OVER : at;
    }
  }

  private void xclient(ClientAttributes said, List<Heard> heard) {
    var refusal = speaking();
    expect(heard, refusal.orElse("220 mx.example.org E?[SL]MTP Posthorn"));
    if (refusal.isPresent()) {
      return;
    }
    client.become(said);
    begin(said.value(Name.HELO).isPresent() ? At.READY : At.GREETED);
    var form = said.value(Name.PROTO).filter("SMTP"::equals).isPresent() ? Form.SMTP : Form.ESMTP;
    said.value(Name.HELO).ifPresent(who -> hello = new Hello(who, terms.isLmtp() ? Form.LMTP : form));
  }

  private void begin(At next) {
    at = next;
    open = Optional.empty();
    forwarded = ClientAttributes.NONE;
  }

  private void mail(Command.Mail mail, List<Heard> heard) {
    var refusals = client.obstacle().or(() -> switch (at) {
      case GREETED -> Optional.of("503 5.5.1 Send HELO.*");
      case ENVELOPE, CHUNKS -> Optional.of("503 5.5.1 .*");
      case READY, LINES, RESPONSE, OVER -> Optional.empty();
    }).map(List::of).orElseGet(() -> ModelRules.objections(mail, terms, client.isEncrypted(), client.login()));
    if (!refusals.isEmpty()) {
      expect(heard, String.join("|", refusals));
      return;
    }
    boolean isNamed = mail.parameters().options().transactionId().isPresent();
    expect(heard, "250 2.1.0 Sender ok|250 2.3.6 -?\\d is .*" + (isNamed ? "|355 \\d+ is .*" : ""));
    at = At.ENVELOPE;
    var begun = new ModelTransaction(mail, client.mayRelay());
    open = Optional.of(begun);
    if (heard.getFirst().code() == 355) {
      begun.goOn();
    }
  }

  private Optional<String> withoutEnvelope() {
    return switch (at) {
      case GREETED -> Optional.of("503 5.5.1 Send HELO.*");
      case READY -> Optional.of("503 5.5.1 Send MAIL first");
      case ENVELOPE, CHUNKS -> Optional.empty();
      case LINES, RESPONSE, OVER -> throw new AssertionError("no command in " + at);
    };
  }

  private ModelTransaction transaction() {
    return open.orElseThrow();
  }

  private void rcpt(Command.Rcpt rcpt, List<Heard> heard) {
    var refusal = client.obstacle()
        .or(this::withoutEnvelope)
        .or(() -> at == At.CHUNKS ? Optional.of("503 5.5.1 A message is.*") : Optional.empty())
        .or(() -> Optional.of("503 5.5.1 The envelope is known.*").filter(_ -> transaction().goesOn()));
    if (refusal.isPresent()) {
      expect(heard, refusal.get());
      return;
    }
    var objections = ModelRules.objections(rcpt, transaction().mail(), client);
    if (objections.isEmpty()) {
      transaction().add(rcpt, ModelRules.targets(rcpt));
    }
    expect(heard, objections.isEmpty() ? "250 2.1.5 Recipient ok" : String.join("|", objections));
  }

  private void data(List<Heard> heard) {
    boolean goesOn = open.filter(ModelTransaction::goesOn).isPresent();
    var refusal = client.obstacle().or(this::withoutEnvelope).or(() -> {
      if (at == At.CHUNKS) {
        transaction().poison();
        return Optional.of("503 5.5.1 A message is.*");
      }
      if (transaction().isBinary()) {
        return Optional.of("503 5.5.1 BINARYMIME.*");
      }
      return transaction().accepted() == 0 && !goesOn
          ? Optional.of((terms.isLmtp() ? "503" : "554") + " 5.5.1 No valid recipients")
          : Optional.empty();
    });
    expect(heard, refusal.orElse(goesOn
        ? "354 Send the message from octet .*|503 5.5.1 .*chunks.*" // where a chunk broke off within a line
        : "354 End data with .*"));
    at = heard.getFirst().code() == 354 ? At.LINES : at;
  }

  /** Takes the replies to the lines behind DATA, the dot among them. */
  void sent(String content, List<Heard> heard) {
    transaction().append(content);
    ended(heard);
  }

  private boolean isWithoutRecipients() {
    return at == At.ENVELOPE && transaction().accepted() == 0 && !transaction().goesOn();
  }

  /** The last part of a message for nobody is the end of it. */
  private void endedEmpty(boolean isSo) {
    at = isSo ? At.READY : at;
    open = isSo ? Optional.empty() : open;
  }

  private void bdat(Command.Bdat bdat, String octets, List<Heard> heard) {
    boolean isEmpty = isWithoutRecipients();
    var refusal = at == At.READY
        ? client.obstacle().or(this::withoutEnvelope)
        : withoutEnvelope().or(() -> isEmpty ? Optional.of("554 5.5.1 No valid.*") : Optional.empty());
    if (refusal.isPresent()) {
      if (terms.isLmtp() && bdat.last()) {
        assertThat(heard).isEmpty(); // RFC 2033 §4.3
      } else {
        expect(heard, refusal.get());
      }
      endedEmpty(isEmpty && bdat.last());
      return;
    }
    at = At.CHUNKS;
    transaction().append(octets);
    part(bdat.last(), "250 2.0.0 " + octets.length() + " octets taken", heard);
  }

  private void burl(Command.Burl burl, List<Heard> heard) {
    var refusal = client.obstacle()
        .or(() -> client.isSubmission() ? Optional.empty() : Optional.of("502 5.5.1 BURL is.*"))
        .or(this::withoutEnvelope)
        .or(() -> isWithoutRecipients() ? Optional.of("554 5.5.1 No valid.*") : Optional.empty());
    if (refusal.isPresent()) {
      expect(heard, refusal.get());
      endedEmpty(isWithoutRecipients() && client.isSubmission() && burl.last());
      return;
    }
    at = At.CHUNKS;
    if (burl.url().contains("@imap.example.org/a;uid=1;") && client.isAlice()) {
      transaction().append(Speech.FETCHED);
    } else {
      transaction().poison();
    }
    part(burl.last(), "250 2.5.0 Waiting .*", heard);
  }

  private void part(boolean isLast, String taken, List<Heard> heard) {
    if (isLast) {
      ended(heard);
      return;
    }
    expect(heard, transaction().isPoisoned() ? "[45]\\d\\d .*" : taken + "|[45]\\d\\d .*");
    if (heard.getFirst().code() != 250) {
      transaction().poison();
    }
  }

  private void ended(List<Heard> heard) {
    var ended = transaction();
    begin(At.READY);
    if (isOver(heard)) {
      return;
    }
    assertThat(heard).hasSize(terms.isLmtp() ? ended.accepted() : 1);
    assertThat(Set.copyOf(heard)).as("one message, one fate").hasSize(1);
    assertThat(heard.getFirst().hasStatus()).isTrue();
    var queued = QUEUED.matcher(heard.getFirst().toString());
    if (!queued.matches()) {
      assertThat(heard.getFirst().toString()).matches("[45]\\d\\d [45].*");
      assertThat(ModelRules.isGood(ended, client.login())).as("refused: %s", heard).isFalse();
      return;
    }
    assertThat(ModelRules.isRefused(ended, client.login())).as("taken: %s", ended.content()).isFalse();
    var id = queued.group(1);
    boolean isNew = promised.add(id);
    assertThat(isNew || ended.goesOn()).as("a message of its own").isTrue();
    var stored = spool.messages().stream().filter(one -> one.message().id().value().equals(id)).toList();
    assertThat(stored).as("what was promised: %s", id).hasSize(1);
    if (!ended.goesOn()) {
      ended.assertIs(stored.getFirst(), client.toString(), ended.protocol(hello, client));
    }
  }

  private void last(List<Heard> heard, String pattern) {
    expect(heard, pattern);
    at = At.OVER;
  }

  private void expect(List<Heard> heard, String pattern) {
    assertThat(heard).singleElement().satisfies(reply -> {
      assertThat(reply.toString()).matches(pattern);
      boolean isPlain = reply.code() / 100 == 3 || reply.toString().startsWith("220 mx.");
      assertThat(reply.hasStatus()).as("an enhanced status in %s", reply).isNotEqualTo(isPlain);
    });
  }
}
