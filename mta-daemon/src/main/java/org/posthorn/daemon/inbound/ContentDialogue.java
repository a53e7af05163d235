package org.posthorn.daemon.inbound;

import java.util.List;
import java.util.function.Supplier;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.smtp.ClientAttributes;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.Reply;

/**
 * The part of a session in which messages come: DATA, BDAT and BURL, from an open transaction to the reply that takes
 * responsibility for the message.
 */
final class ContentDialogue {
  /** The most chunks of one message: each costs a reply, even an empty one. */
  private static final int MAX_CHUNKS = 50_000;

  private final Client client;
  private final Terms terms;
  private final InboundSettings settings;
  private final Intake intake;
  private final Admission admission;
  private final Manners manners;
  private final Progress progress;
  private final Burl burl;
  private final Restart restart;

  /** {@code progress} is that of the session, which goes on where this leaves it. */
  ContentDialogue(Client client, Terms terms, InboundSettings settings, Intake intake, Admission admission,
      Manners manners, Progress progress) {
    this.client = client;
    this.terms = terms;
    this.settings = settings;
    this.intake = intake;
    this.admission = admission;
    this.manners = manners;
    this.progress = progress;
    this.restart = progress.restart();
    this.burl = new Burl(client, terms, settings);
  }

  /** Returns what EHLO announces of it. */
  List<String> keywords() {
    return burl.keywords();
  }

  /** Answers DATA. */
  Answer data() {
    return switch (progress.phase()) {
      case Phase.Envelope(var _, var transaction) when transaction.isBinary() ->
        manners.reply(ServerReplies.BINARY_NEEDS_BDAT);
      case Phase.Envelope(var _, var transaction) when transaction.accepted() == 0 ->
        manners.reply(terms.isLmtp() ? ServerReplies.NO_RECIPIENTS_BY_LMTP : ServerReplies.NO_RECIPIENTS);
      case Phase.Envelope(var hello, var transaction) when intake.isTroubled() || restart.goesOn() ->
        new Answer.Later(() -> dataIfThereIsRoom(hello, transaction));
      case Phase.Envelope(var hello, var transaction) -> data(hello, transaction);
      case Phase.Chunks(var _, var message, var _, var _) -> {
        message.refuse(ServerReplies.CHUNKS_OPEN); // RFC 3030 §2: never both in one transaction
        yield manners.reply(ServerReplies.CHUNKS_OPEN);
      }
      case Phase.Ready _ -> manners.reply(ServerReplies.MAIL_FIRST);
      case Phase.Greeted _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw progress.outOfPlace("DATA");
    };
  }

  /**
   * Answers BDAT, whose octets come whatever the answer is.
   *
   * @param early what to answer outside a transaction
   */
  Answer bdat(Command.Bdat bdat, Reply early) {
    return switch (progress.phase()) {
      case Phase.Greeted _ -> unwanted(bdat, progress.phase(), ServerReplies.HELLO_FIRST);
      case Phase.Ready _ -> unwanted(bdat, progress.phase(), early);
      case Phase.Envelope(var hello, var transaction) when transaction.accepted() == 0 && bdat.last() -> {
        restart.close(); // nothing came, so nothing is kept
        yield unwanted(bdat, new Phase.Ready(hello), ServerReplies.NO_RECIPIENTS);
      }
      case Phase.Envelope(var _, var transaction) when transaction.accepted() == 0 ->
        unwanted(bdat, progress.phase(), ServerReplies.NO_RECIPIENTS);
      case Phase.Envelope(var hello, var transaction) when restart.goesOn() -> {
        var onFailure = unwanted(bdat, progress.phase(), ServerReplies.OUR_FAULT); // its octets come all the same
        yield new Answer.Later(() -> chunk(bdat, begin(hello, transaction, bdat.last())), onFailure);
      }
      case Phase.Envelope(var hello, var transaction) -> chunk(bdat, begin(hello, transaction, bdat.last()));
      case Phase.Chunks(var hello, var message, var count, var _) ->
        chunk(bdat, new Phase.Chunks(hello, message, count + 1, bdat.last()));
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw progress.outOfPlace("BDAT");
    };
  }

  /** Answers BURL. */
  Answer burl(Command.Burl command) {
    if (!burl.isOffered()) {
      return manners.reply(ServerReplies.NO_BURL); // like any unknown command: nothing comes of it
    }
    return switch (progress.phase()) {
      case Phase.Greeted _ -> manners.reply(ServerReplies.HELLO_FIRST);
      case Phase.Ready _ -> manners.reply(ServerReplies.MAIL_FIRST);
      case Phase.Envelope(var hello, var transaction) when transaction.accepted() == 0 -> {
        if (command.last()) {
          restart.close(); // nothing came, so nothing is kept
          progress.to(new Phase.Ready(hello));
        }
        yield manners.reply(ServerReplies.NO_RECIPIENTS);
      }
      case Phase.Envelope(var hello, var transaction) ->
        fetch(command, () -> begin(hello, transaction, command.last()));
      case Phase.Chunks(var hello, var message, var count, var _) ->
        fetch(command, () -> new Phase.Chunks(hello, message, count + 1, command.last()));
      case Phase.Lines _,Phase.Unwanted _,Phase.Closed _ -> throw progress.outOfPlace("BURL");
    };
  }

  /** Ends the lines that followed DATA. */
  Answer endOfLines() {
    return switch (progress.phase()) {
      case Phase.Lines(var hello, var message) -> finish(hello, message);
      case Phase.Greeted _,Phase.Ready _,Phase.Envelope _,Phase.Chunks _,Phase.Unwanted _,Phase.Closed _ ->
        throw progress.outOfPlace("end of data");
    };
  }

  /** Ends the octets that followed a BDAT of {@code octets}. */
  Answer endOfChunk(long octets) {
    return switch (progress.phase()) {
      case Phase.Chunks(var hello, var message, var _, var last) when last -> finish(hello, message);
      // RFC 3030 §2: a failed chunk is answered when all of it is here, and those behind it are in the pipeline already
      case Phase.Chunks(var _, var message, var _, var _) ->
        new Answer.Now(message.refusal().orElseGet(() -> ServerReplies.chunkTaken(octets)));
      case Phase.Unwanted(var then, var reply, var answered) -> {
        progress.to(then);
        yield answered ? manners.reply(reply) : repeated(manners.reply(reply), 0);
      }
      case Phase.Greeted _,Phase.Ready _,Phase.Envelope _,Phase.Lines _,Phase.Closed _ ->
        throw progress.outOfPlace("end of chunk");
    };
  }

  private Answer data(Hello hello, Transaction transaction) {
    IncomingMessage message = begin(hello, transaction);
    progress.to(new Phase.Lines(hello, message));
    return new Answer.Lines(restart.startData(), restart.sink(message));
  }

  /** Spares a client sending a message that we could only refuse in the end. */
  private Answer dataIfThereIsRoom(Hello hello, Transaction transaction) {
    if (!restart.isAtLineStart()) {
      return manners.reply(ServerReplies.GO_ON_WITH_CHUNKS);
    }
    var refusal = intake.refusal(transaction.submission(hello, client, terms.kind()));
    if (refusal.isEmpty()) {
      return data(hello, transaction);
    }
    restart.close();
    progress.to(new Phase.Ready(hello));
    return manners.sender(transaction.from(), refusal.get());
  }

  private Answer chunk(Command.Bdat bdat, Phase.Chunks chunks) {
    goOn(chunks);
    return new Answer.Octets(bdat.octets(), restart.sink(chunks.message()));
  }

  private void goOn(Phase.Chunks chunks) {
    if (chunks.count() > MAX_CHUNKS) {
      chunks.message().refuse(ServerReplies.TOO_MANY_CHUNKS);
    }
    progress.to(chunks);
  }

  private Answer fetch(Command.Burl command, Supplier<Phase.Chunks> next) {
    return new Answer.Later(() -> {
      var chunks = next.get();
      goOn(chunks);
      if (chunks.message().refusal().isEmpty()) {
        burl.fetch(command.url(), restart.sink(chunks.message()));
        restart.fetched();
      }
      if (!command.last()) {
        return new Answer.Now(chunks.message().refusal().orElse(ServerReplies.URL_TAKEN));
      }
      progress.to(new Phase.Ready(chunks.hello()));
      return finish(chunks.message());
    }, new Answer.Now(ServerReplies.OUR_FAULT));
  }

  /** The octets of a chunk that is refused must not run as commands (RFC 3030 §2). */
  private Answer.Octets unwanted(Command.Bdat bdat, Phase then, Reply reply) {
    progress.to(new Phase.Unwanted(then, reply, !(terms.isLmtp() && bdat.last())));
    return new Answer.Octets(bdat.octets(), MessageSink.NOWHERE);
  }

  private Phase.Chunks begin(Hello hello, Transaction transaction, boolean isLast) {
    return new Phase.Chunks(hello, begin(hello, transaction), 1, isLast);
  }

  private IncomingMessage begin(Hello hello, Transaction transaction) {
    var message = intake.begin(transaction.submission(hello, client, terms.kind()), settings);
    restart.take(message);
    return message;
  }

  /** Good or bad, the end of a message ends its transaction (RFC 5321 §4.1.1.4). */
  private Answer finish(Hello hello, IncomingMessage message) {
    progress.to(new Phase.Ready(hello));
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
    try (message) { // whatever goes wrong, nothing of it is held any longer
      Reply reply = restart.finish(message, () -> admission.finish(message));
      return manners.message(message, reply);
    } finally {
      client.setForwarded(ClientAttributes.NONE);
    }
  }
}
