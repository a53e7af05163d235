package org.posthorn.daemon.inbound;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.inbound.RelayPolicy.Decision;
import org.posthorn.daemon.inbound.Trace.Protocol.Form;
import org.posthorn.smtp.ClientAttributes;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.CommandLine;
import org.posthorn.smtp.Reply;

/**
 * The server's side of one SMTP session (RFC 5321 §3, §4.1.4), as a plain state machine: command in, {@link Answer} out. It
 * knows no socket and no thread; whoever drives it does so from one thread at a time, and not while an
 * {@link Answer.Later} runs.
 */
public final class SmtpSession implements AutoCloseable {
  /** The most chunks of one message: each costs a reply, even an empty one. */
  private static final int MAX_CHUNKS = 50_000;

  private final Client client;
  private final Terms terms;
  private final InboundRules rules;
  private final Intake intake;
  private final Manners manners;
  private final Admission admission;
  private final LoginDialogue login;
  private final Wishes wishes;
  private final Asides asides;
  private final Burl burl;
  private Phase phase = new Phase.Greeted();

  /** Begins a session with {@code client} on the terms of its listener, under the rules now in force. */
  public SmtpSession(Client client, Terms terms, InboundRules rules, SessionPorts ports) {
    this.client = client;
    this.terms = terms;
    this.rules = rules;
    this.intake = ports.intake();
    this.manners = new Manners(client, ports.counters(), rules.settings().session(), this::last);
    this.admission = new Admission(client, rules, ports.quotas());
    this.login = new LoginDialogue(client, terms, rules.settings(), ports.authentication(), ports.counters());
    this.wishes = new Wishes(client, terms, rules.settings().handling());
    this.asides = new Asides(client, terms, rules, ports.waiting(), manners);
    this.burl = new Burl(client, terms, rules.settings());
    client.encryption().ifPresent(login::encrypted);
  }

  /** Returns what the client hears first (RFC 5321 §3.1). */
  public Reply greeting() {
    return ServerReplies.greeting(rules.settings().hostname(), terms.isLmtp() ? "LMTP" : "ESMTP");
  }

  /** Whether no message is underway, so that the session can be ended without harm. */
  public boolean isBetweenMessages() {
    return phase.isBetweenMessages();
  }

  /** Answers a command. */
  public Answer answer(Command command) {
    return obstacle(command).<Answer>map(manners::reply).orElseGet(() -> perform(command));
  }

  /** Returns what the client has to do before {@code command}; BDAT has to be taken with its octets and asks for itself. */
  private Optional<Reply> obstacle(Command command) {
    return switch (command) {
      case Command.Mail _,Command.Rcpt _,Command.Data _,Command.Burl _,Command.Vrfy _,Command.Expn _ -> obstacle();
      case Command.Helo _,Command.Ehlo _,Command.Lhlo _,Command.StartTls _,Command.Auth _,Command.Bdat _,Command.Rset _,Command.Noop _,Command.Quit _,Command.Help _,Command.Etrn _,Command.Atrn _,Command.Xclient _,Command.Xforward _,Command.Unusable _,Command.UnreadableChunk _ ->
        Optional.empty();
    };
  }

  private Answer perform(Command command) {
    return switch (command) {
      case Command.Helo(var name) -> hello(new Hello(name, Form.SMTP));
      case Command.Ehlo(var name) -> hello(new Hello(name, Form.ESMTP));
      case Command.Lhlo(var name) -> hello(new Hello(name, Form.LMTP));
      case Command.StartTls _ -> startTls();
      case Command.Auth auth -> auth(auth);
      case Command.Mail mail -> mail(mail);
      case Command.Rcpt rcpt -> rcpt(rcpt);
      case Command.Data _ -> data();
      case Command.Bdat bdat -> bdat(bdat);
      case Command.Burl burl -> burl(burl);
      case Command.Rset _ -> manners.idle(rset());
      case Command.Noop _ -> manners.idle(ServerReplies.OK);
      case Command.Quit _ -> last(ServerReplies.GOODBYE);
      case Command.Vrfy(var who) -> asides.vrfy(who);
      case Command.Expn(var list) -> asides.expn(list);
      case Command.Atrn(var domains) -> asides.atrn(domains, phase);
      case Command.Etrn(var node) -> asides.etrn(node, phase);
      case Command.Xclient(var said) -> asides.xclient(said, phase);
      case Command.Xforward(var said) -> asides.xforward(said, phase);
      case Command.Help _ -> manners.idle(ServerReplies.help(rules.settings().session(), offersTls()));
      case Command.Unusable(var reply) -> refuse(reply);
      case Command.UnreadableChunk(var reply) -> last(reply);
    };
  }

  /** The client is past its hello, as a server in front of us has said. */
  public void begunBy(Hello hello) {
    phase = new Phase.Ready(hello);
  }

  /** Whether the client is to be asked for a certificate, which some programs ask people for. */
  public boolean wantsCertificate() {
    return !rules.settings().relay().certificates().isEmpty() || login.wantsCertificate();
  }

  /** The handshake is done. All that the client said before it is forgotten (RFC 3207 §4.2). */
  public void encrypted(Encryption encryption) {
    phase.drop();
    client.setEncryption(encryption, rules.policy().isTrusted(encryption.clientCertificates(), intake.now()));
    login.encrypted(encryption);
    phase = new Phase.Greeted();
  }

  /** Ends a session whose client did not wait for the handshake: whoever is between us could have sent that. */
  public Answer.Last pipelinedBehindStartTls() {
    return manners.last(ServerReplies.SENT_BEHIND_STARTTLS);
  }

  /** Answers the line that followed an {@link Answer.Prompt}. */
  public Answer response(CommandLine line) {
    return login.respond(line, manners::reply);
  }

  /** Answers a line that is no command at all. */
  public Answer.Final refuse(Reply reply) {
    return manners.reply(reply);
  }

  /** Ends the lines that followed DATA. */
  public Answer endOfData() {
    return switch (phase) {
      case Phase.Lines(var hello, var message) -> finish(hello, message);
      case Phase.Greeted _,Phase.Ready _,Phase.Envelope _,Phase.Chunks _,Phase.Unwanted _,Phase.Closed _ ->
        throw outOfPlace("end of data");
    };
  }

  /** Ends the octets that followed a BDAT of {@code octets}. */
  public Answer endOfChunk(long octets) {
    return switch (phase) {
      case Phase.Chunks(var hello, var message, var _, var last) when last -> finish(hello, message);
      // RFC 3030 §2: a failed chunk is answered when all of it is here, and those behind it are in the pipeline already
      case Phase.Chunks(var _, var message, var _, var _) ->
        new Answer.Now(message.refusal().orElseGet(() -> ServerReplies.chunkTaken(octets)));
      case Phase.Unwanted(var then, var reply, var answered) -> {
        phase = then;
        yield answered ? manners.reply(reply) : repeated(manners.reply(reply), 0);
      }
      case Phase.Greeted _,Phase.Ready _,Phase.Envelope _,Phase.Lines _,Phase.Closed _ ->
        throw outOfPlace("end of chunk");
    };
  }

  /** Ends the session from our side, with the reply that tells why. */
  public Answer.Last last(Reply reply) {
    close();
    return new Answer.Last(reply);
  }

  /** Drops whatever is underway. */
  @Override
  public void close() {
    phase.drop();
    login.close();
    phase = new Phase.Closed();
  }

  private Answer hello(Hello hello) {
    if ((hello.form() == Form.LMTP) != terms.isLmtp()) {
      return manners.reply(terms.isLmtp() ? ServerReplies.THIS_IS_LMTP : ServerReplies.NOT_LMTP); // RFC 2033 §4.1
    }
    phase.drop(); // RFC 5321 §4.1.4: a later EHLO is a RSET too
    phase = new Phase.Ready(hello);
    if (terms.kind() == Kind.ODMR && hello.extended()) {
      return manners.idle(ServerReplies.odmrEhlo(rules.settings().hostname(), offersTls(), login.mechanisms()));
    }
    return manners.idle(hello.extended()
        ? ServerReplies.ehlo(rules.settings(), offersTls(), login.mechanisms(), keywords())
        : ServerReplies.helo(rules.settings().hostname()));
  }

  private List<String> keywords() {
    return Stream.of(wishes.keywords(intake.now()), admission.keywords(), asides.keywords(), burl.keywords())
        .flatMap(List::stream)
        .toList();
  }

  private boolean offersTls() {
    return terms.hasStartTls() && !client.isEncrypted();
  }

  private Answer startTls() {
    return switch (phase) {
      case Phase.Greeted _ when offersTls() -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Ready _ when offersTls() -> new Answer.StartTls(ServerReplies.START_TLS);
      case Phase.Envelope _,Phase.Chunks _ when offersTls() -> manners.reply(ServerReplies.TRANSACTION_OPEN);
      case Phase.Greeted _,Phase.Ready _,Phase.Envelope _,Phase.Chunks _ ->
        manners.reply(client.isEncrypted() ? ServerReplies.TLS_ALREADY : ServerReplies.NO_TLS);
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw outOfPlace("STARTTLS");
    };
  }

  private Answer auth(Command.Auth auth) {
    return switch (phase) {
      case Phase.Ready(var hello) when hello.extended() -> login.begin(auth, manners::reply);
      case Phase.Greeted _,Phase.Ready _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Envelope _,Phase.Chunks _ -> manners.reply(ServerReplies.TRANSACTION_OPEN); // RFC 4954 §4
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw outOfPlace("AUTH");
    };
  }

  /** Returns what a client has to do before it may send mail on this listener. */
  private Optional<Reply> obstacle() {
    if (terms.tls() == Tls.REQUIRED && !client.isEncrypted()) {
      return Optional.of(ServerReplies.STARTTLS_FIRST);
    }
    if (terms.kind() == Kind.ODMR) {
      return Optional.of(ServerReplies.ONLY_ATRN);
    }
    boolean isKnown = client.identity().isPresent() || client.hasTrustedCertificate();
    return terms.kind().requiresAuthentication() && !isKnown
        ? Optional.of(ServerReplies.AUTHENTICATE_FIRST)
        : Optional.empty();
  }

  private Answer mail(Command.Mail mail) {
    return switch (phase) {
      case Phase.Ready(var hello) -> mail(hello, mail);
      case Phase.Envelope _ -> manners.reply(ServerReplies.NESTED_MAIL);
      case Phase.Chunks _ -> manners.reply(ServerReplies.CHUNKS_OPEN);
      case Phase.Greeted _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw outOfPlace("MAIL");
    };
  }

  private Answer mail(Hello hello, Command.Mail mail) {
    Instant now = intake.now();
    var asked = mail.parameters().options();
    var refusal = admission.refusal(mail).or(() -> wishes.refusal(asked, now));
    if (refusal.isPresent()) {
      return manners.sender(mail.from(), refusal.get());
    }
    phase = new Phase.Envelope(hello, new Transaction(mail, wishes.granted(asked, admission.granted(asked), now)));
    return new Answer.Now(wishes.accepted(asked));
  }

  private Answer rcpt(Command.Rcpt rcpt) {
    return switch (phase) {
      case Phase.Envelope(var _, var transaction) -> manners.counted(rcpt(rcpt, transaction));
      case Phase.Ready _ -> manners.reply(ServerReplies.MAIL_FIRST);
      case Phase.Chunks _ -> manners.reply(ServerReplies.CHUNKS_OPEN);
      case Phase.Greeted _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw outOfPlace("RCPT");
    };
  }

  private Reply rcpt(Command.Rcpt rcpt, Transaction transaction) {
    return switch (admission.decide(rcpt, transaction)) {
      case Decision.Refuse(var reply) -> manners.recipient(transaction.from(), rcpt, reply);
      case Decision.Accept(var targets) when !admission.hasRoom(transaction, targets.size()) -> manners.overshoot();
      case Decision.Accept(var targets) -> {
        transaction.add(rcpt, targets);
        yield ServerReplies.RECIPIENT_OK;
      }
    };
  }

  private Answer data() {
    return switch (phase) {
      case Phase.Envelope(var _, var transaction) when transaction.isBinary() ->
        manners.reply(ServerReplies.BINARY_NEEDS_BDAT);
      case Phase.Envelope(var _, var transaction) when transaction.accepted() == 0 ->
        manners.reply(terms.isLmtp() ? ServerReplies.NO_RECIPIENTS_BY_LMTP : ServerReplies.NO_RECIPIENTS);
      case Phase.Envelope(var hello, var transaction) when intake.isTroubled() ->
        new Answer.Later(() -> dataIfThereIsRoom(hello, transaction));
      case Phase.Envelope(var hello, var transaction) -> data(hello, transaction);
      case Phase.Chunks(var _, var message, var _, var _) -> {
        message.refuse(ServerReplies.CHUNKS_OPEN); // RFC 3030 §2: never both in one transaction
        yield manners.reply(ServerReplies.CHUNKS_OPEN);
      }
      case Phase.Ready _ -> manners.reply(ServerReplies.MAIL_FIRST);
      case Phase.Greeted _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw outOfPlace("DATA");
    };
  }

  private Answer data(Hello hello, Transaction transaction) {
    IncomingMessage message = begin(hello, transaction);
    phase = new Phase.Lines(hello, message);
    return new Answer.Lines(ServerReplies.START_DATA, message);
  }

  /** Spares a client sending a message that we could only refuse in the end. */
  private Answer dataIfThereIsRoom(Hello hello, Transaction transaction) {
    var refusal = intake.refusal(transaction.submission(hello, client));
    if (refusal.isEmpty()) {
      return data(hello, transaction);
    }
    phase = new Phase.Ready(hello);
    return manners.sender(transaction.from(), refusal.get());
  }

  private Answer bdat(Command.Bdat bdat) {
    return switch (phase) {
      case Phase.Greeted _ -> unwanted(bdat, phase, ServerReplies.HELLO_FIRST);
      case Phase.Ready _ -> unwanted(bdat, phase, obstacle().orElse(ServerReplies.MAIL_FIRST));
      case Phase.Envelope(var hello, var transaction) when transaction.accepted() == 0 ->
        unwanted(bdat, bdat.last() ? new Phase.Ready(hello) : phase, ServerReplies.NO_RECIPIENTS);
      case Phase.Envelope(var hello, var transaction) ->
        chunk(bdat, new Phase.Chunks(hello, begin(hello, transaction), 1, bdat.last()));
      case Phase.Chunks(var hello, var message, var count, var _) ->
        chunk(bdat, new Phase.Chunks(hello, message, count + 1, bdat.last()));
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw outOfPlace("BDAT");
    };
  }

  private Answer chunk(Command.Bdat bdat, Phase.Chunks chunks) {
    if (chunks.count() > MAX_CHUNKS) {
      chunks.message().refuse(ServerReplies.TOO_MANY_CHUNKS);
    }
    phase = chunks;
    return new Answer.Octets(bdat.octets(), chunks.message());
  }

  private Answer burl(Command.Burl command) {
    return switch (phase) {
      case Phase.Greeted _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Ready _ -> manners.reply(ServerReplies.MAIL_FIRST);
      case Phase.Envelope(var _, var transaction) when transaction.accepted() == 0 ->
        manners.reply(ServerReplies.NO_RECIPIENTS);
      case Phase.Envelope(var hello, var transaction) ->
        fetch(command, new Phase.Chunks(hello, begin(hello, transaction), 1, command.last()));
      case Phase.Chunks(var hello, var message, var count, var _) ->
        fetch(command, new Phase.Chunks(hello, message, count + 1, command.last()));
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw outOfPlace("BURL");
    };
  }

  private Answer fetch(Command.Burl command, Phase.Chunks chunks) {
    phase = chunks;
    return new Answer.Later(() -> {
      burl.fetch(command.url(), chunks.message());
      if (!command.last()) {
        return new Answer.Now(chunks.message().refusal().orElse(ServerReplies.URL_TAKEN));
      }
      phase = new Phase.Ready(chunks.hello());
      return finish(chunks.message());
    }, new Answer.Now(ServerReplies.OUR_FAULT));
  }

  /** The octets of a chunk that is refused must not run as commands (RFC 3030 §2). */
  private Answer unwanted(Command.Bdat bdat, Phase then, Reply reply) {
    phase = new Phase.Unwanted(then, reply, !(terms.isLmtp() && bdat.last()));
    return new Answer.Octets(bdat.octets(), MessageSink.NOWHERE);
  }

  private IncomingMessage begin(Hello hello, Transaction transaction) {
    return intake.begin(transaction.submission(hello, client), rules.settings());
  }

  /** Good or bad, the end of a message ends its transaction (RFC 5321 §4.1.1.4). */
  private Answer finish(Hello hello, IncomingMessage message) {
    phase = new Phase.Ready(hello);
    int replies = message.submission().replies();
    // A refused one too may have to be taken off the disk.
    return new Answer.Later(() -> repeated(finish(message), replies),
        repeated(new Answer.Now(ServerReplies.OUR_FAULT), replies));
  }

  /** By LMTP as many replies are waited for as recipients were accepted (RFC 2033 §4.2, §4.3). */
  private static Answer repeated(Answer.Final answer, int replies) {
    return switch (answer) {
      case Answer.Now(var reply) when replies != 1 -> new Answer.Repeated(reply, replies);
      case Answer.Now _,Answer.Last _ -> answer;
    };
  }

  private Answer.Final finish(IncomingMessage message) {
    Reply reply = admission.finish(message);
    client.setForwarded(ClientAttributes.NONE);
    return manners.message(message, reply);
  }

  private Reply rset() {
    client.setForwarded(ClientAttributes.NONE);
    switch (phase) {
      case Phase.Envelope(var hello, var _) -> phase = new Phase.Ready(hello);
      case Phase.Chunks(var hello, var _, var _, var _) -> {
        phase.drop();
        phase = new Phase.Ready(hello);
      }
      case Phase.Greeted _,Phase.Ready _ -> {
        // nothing to drop
      }
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw outOfPlace("RSET");
    }
    return ServerReplies.OK;
  }

  private IllegalStateException outOfPlace(String what) {
    return new IllegalStateException(what + " in " + phase);
  }
}
