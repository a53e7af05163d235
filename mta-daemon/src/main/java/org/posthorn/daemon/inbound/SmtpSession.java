package org.posthorn.daemon.inbound;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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
  private final Client client;
  private final Terms terms;
  private final InboundRules rules;
  private final Intake intake;
  private final Manners manners;
  private final Admission admission;
  private final LoginDialogue login;
  private final Wishes wishes;
  private final Asides asides;
  private final Restart restart;
  private final Progress progress;
  private final ContentDialogue content;

  /** Begins a session with {@code client} on the terms of its listener, under the rules now in force. */
  public SmtpSession(Client client, Terms terms, InboundRules rules, SessionPorts ports) {
    this.client = client;
    this.terms = terms;
    this.rules = rules;
    this.intake = ports.intake();
    this.manners = new Manners(client, ports.counters().at(terms.kind()), rules.settings().session(), this::last);
    this.admission = new Admission(client, rules, ports.quotas());
    this.login = new LoginDialogue(client, terms, rules.settings(), ports.authentication(), ports.counters());
    this.wishes = new Wishes(client, terms, rules.settings().extensions().handling());
    this.asides = new Asides(client, terms, rules, ports, manners);
    this.restart = new Restart(client, terms, intake, rules.settings().extensions().checkpoint());
    this.progress = new Progress(restart);
    this.content = new ContentDialogue(client, terms, rules.settings(), intake, admission, manners, progress);
  }

  /** Returns what the client hears first (RFC 5321 §3.1). */
  public Reply greeting() {
    return ServerReplies.greeting(rules.settings().hostname(), terms.isLmtp() ? "LMTP" : "ESMTP");
  }

  /** Whether no message is underway, so that the session can be ended without harm. */
  public boolean isBetweenMessages() {
    return progress.isBetweenMessages();
  }

  /** Answers a command. */
  public Answer answer(Command command) {
    return obstacle(command).<Answer>map(manners::reply).orElseGet(() -> perform(command));
  }

  /** Returns what the client has to do before {@code command}; BDAT has to be taken with its octets and asks for itself. */
  private Optional<Reply> obstacle(Command command) {
    return switch (command) {
      case Command.Mail _,Command.Rcpt _,Command.Data _,Command.Burl _,Command.Vrfy _,Command.Expn _,Command.Etrn _ ->
        obstacle();
      case Command.Helo _,Command.Ehlo _,Command.Lhlo _,Command.StartTls _,Command.Auth _,Command.Bdat _,Command.Rset _,Command.Noop _,Command.Quit _,Command.Help _,Command.Atrn _,Command.Xclient _,Command.Xforward _,Command.Unusable _,Command.UnreadableChunk _ ->
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
      case Command.Data _ -> content.data();
      case Command.Bdat bdat -> content.bdat(bdat, obstacle().orElse(ServerReplies.MAIL_FIRST));
      case Command.Burl burl -> content.burl(burl);
      case Command.Rset _ -> ending(() -> manners.idle(rset()));
      case Command.Noop _ -> manners.idle(ServerReplies.OK);
      case Command.Quit _ -> ending(() -> last(ServerReplies.GOODBYE));
      case Command.Vrfy(var who) -> asides.vrfy(who);
      case Command.Expn(var list) -> asides.expn(list);
      case Command.Atrn(var domains) -> asides.atrn(domains, progress.phase());
      case Command.Etrn(var node) -> asides.etrn(node, progress.phase());
      case Command.Xclient(var said) -> asides.xclient(said, progress.phase());
      case Command.Xforward(var said) -> asides.xforward(said, progress.phase());
      case Command.Help _ -> manners.idle(
          ServerReplies.help(rules.settings().session(), terms.kind(), offersTls(), !login.mechanisms().isEmpty(),
              keywords()));
      case Command.Unusable(var reply) -> refuse(reply);
      case Command.UnreadableChunk(var reply) -> last(reply);
    };
  }

  /** The client is past its hello, as a server in front of us has said. */
  public void begunBy(Hello hello) {
    progress.to(new Phase.Ready(hello));
  }

  /** Whether the client is to be asked for a certificate, which some programs ask people for. */
  public boolean wantsCertificate() {
    return !rules.settings().relay().certificates().isEmpty() || login.wantsCertificate();
  }

  /** The handshake is done. All that the client said before it is forgotten (RFC 3207 §4.2). */
  public void encrypted(Encryption encryption) {
    progress.drop();
    client.forget();
    client.setEncryption(encryption, rules.policy().isTrusted(encryption.clientCertificates(), intake.now()));
    login.encrypted(encryption);
    progress.to(new Phase.Greeted());
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
    return content.endOfLines();
  }

  /** Ends the octets that followed a BDAT of {@code octets}. */
  public Answer endOfChunk(long octets) {
    return content.endOfChunk(octets);
  }

  /**
   * Ends the session from our side, with the reply that tells why. It must be closed then: only that takes content off the
   * disk, or keeps it there, for which nobody waits here.
   */
  public Answer.Last last(Reply reply) {
    if (!progress.phase().hasContent()) {
      close();
    }
    return new Answer.Last(reply);
  }

  /** Drops whatever is underway. Blocks for the disk when content came. */
  @Override
  public void close() {
    progress.drop();
    login.close();
    progress.to(new Phase.Closed());
  }

  private Answer hello(Hello hello) {
    if ((hello.form() == Form.LMTP) != terms.isLmtp()) {
      return manners.reply(terms.isLmtp() ? ServerReplies.THIS_IS_LMTP : ServerReplies.NOT_LMTP); // RFC 2033 §4.1
    }
    return login.mayLook()
        ? endingLater(() -> {
          login.look();
          return begun(hello);
        })
        : ending(() -> begun(hello)); // RFC 5321 §4.1.4: a later EHLO is a RSET too
  }

  private Answer.Final begun(Hello hello) {
    progress.drop();
    client.setForwarded(ClientAttributes.NONE);
    progress.to(new Phase.Ready(hello));
    if (terms.kind() == Kind.ODMR && hello.extended()) {
      return manners.idle(ServerReplies.odmrEhlo(rules.settings().hostname(), offersTls(), login.mechanisms()));
    }
    return manners.idle(hello.extended()
        ? ServerReplies.ehlo(rules.settings(), offersTls(), login.mechanisms(), keywords())
        : ServerReplies.helo(rules.settings().hostname()));
  }

  /** Answers what ends a transaction by {@code answer}, off the event loop when something of it may be on the disk. */
  private Answer ending(Supplier<Answer.Final> answer) {
    return restart.isUnderway() || progress.phase().hasContent() ? endingLater(answer) : answer.get();
  }

  private Answer.Later endingLater(Supplier<Answer.Final> answer) {
    return new Answer.Later(() -> {
      restart.ended();
      return answer.get();
    });
  }

  private List<String> keywords() {
    return Stream.of(wishes.keywords(intake.now()), admission.keywords(), asides.keywords(), content.keywords(),
        restart.keywords())
        .flatMap(List::stream)
        .toList();
  }

  private boolean offersTls() {
    return terms.hasStartTls() && !client.isEncrypted();
  }

  private Answer startTls() {
    return switch (progress.phase()) {
      case Phase.Greeted _ when offersTls() -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Ready _ when offersTls() -> new Answer.StartTls(ServerReplies.START_TLS);
      case Phase.Envelope _,Phase.Chunks _ when offersTls() -> manners.reply(ServerReplies.TRANSACTION_OPEN);
      case Phase.Greeted _,Phase.Ready _,Phase.Envelope _,Phase.Chunks _ ->
        manners.reply(client.isEncrypted() ? ServerReplies.TLS_ALREADY : ServerReplies.NO_TLS);
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw progress.outOfPlace("STARTTLS");
    };
  }

  private Answer auth(Command.Auth auth) {
    return switch (progress.phase()) {
      case Phase.Ready(var hello) when hello.extended() -> login.begin(auth, manners::reply);
      case Phase.Greeted _,Phase.Ready _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Envelope _,Phase.Chunks _ -> manners.reply(ServerReplies.TRANSACTION_OPEN); // RFC 4954 §4
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw progress.outOfPlace("AUTH");
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
    return switch (progress.phase()) {
      case Phase.Ready(var hello) -> mail(hello, mail);
      case Phase.Envelope _ -> manners.reply(ServerReplies.NESTED_MAIL);
      case Phase.Chunks _ -> manners.reply(ServerReplies.CHUNKS_OPEN);
      case Phase.Greeted _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw progress.outOfPlace("MAIL");
    };
  }

  private Answer mail(Hello hello, Command.Mail mail) {
    Instant now = intake.now();
    var refusal = admission.refusal(mail).or(() -> wishes.refusal(mail.parameters().options(), now));
    return refusal.isEmpty() && mail.parameters().options().release().isPresent()
        ? new Answer.Later(() -> switch (mail(hello, mail, now, admission.refusalToHold(mail))) {
          case Answer.Later later -> later.work().get();
          case Answer other -> other;
        })
        : mail(hello, mail, now, refusal);
  }

  private Answer mail(Hello hello, Command.Mail mail, Instant now, Optional<Reply> obstacle) {
    var refusal = obstacle.or(() -> restart.refusal(hello, mail));
    if (refusal.isPresent()) {
      return manners.sender(mail.from(), refusal.get());
    }
    var asked = mail.parameters().options();
    var begun = new Transaction(mail, wishes.granted(asked, admission.granted(asked), admission.account(), now));
    progress.to(new Phase.Envelope(hello, begun));
    return restart.begin(wishes.accepted(asked), known -> admission.readmit(known, begun));
  }

  private Answer rcpt(Command.Rcpt rcpt) {
    return switch (progress.phase()) {
      case Phase.Envelope _ when restart.goesOn() -> manners.reply(ServerReplies.GO_ON_WITH_CONTENT);
      case Phase.Envelope(var _, var transaction) -> manners.counted(rcpt(rcpt, transaction));
      case Phase.Ready _ -> manners.reply(ServerReplies.MAIL_FIRST);
      case Phase.Chunks _ -> manners.reply(ServerReplies.CHUNKS_OPEN);
      case Phase.Greeted _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw progress.outOfPlace("RCPT");
    };
  }

  private Reply rcpt(Command.Rcpt rcpt, Transaction transaction) {
    return switch (admission.decide(rcpt, transaction)) {
      case Decision.Refuse(var reply) -> manners.recipient(transaction.from(), rcpt, reply);
      case Decision.Accept(var targets) when !admission.hasRoom(transaction, targets.size()) -> manners.overshoot();
      case Decision.Accept(var targets) -> {
        transaction.add(rcpt, targets);
        restart.accepted(rcpt);
        yield ServerReplies.RECIPIENT_OK;
      }
    };
  }

  private Reply rset() {
    client.setForwarded(ClientAttributes.NONE);
    switch (progress.phase()) {
      case Phase.Envelope(var hello, var _) -> progress.to(new Phase.Ready(hello));
      case Phase.Chunks(var hello, var _, var _, var _) -> {
        progress.drop();
        progress.to(new Phase.Ready(hello));
      }
      case Phase.Greeted _,Phase.Ready _ -> {
        // nothing to drop
      }
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw progress.outOfPlace("RSET");
    }
    return ServerReplies.OK;
  }

}
