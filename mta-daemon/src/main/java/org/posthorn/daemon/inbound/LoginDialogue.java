package org.posthorn.daemon.inbound;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.posthorn.daemon.auth.Authentication;
import org.posthorn.daemon.auth.LoginGuard;
import org.posthorn.daemon.auth.Mechanism;
import org.posthorn.daemon.auth.Protection;
import org.posthorn.daemon.auth.SaslExchange;
import org.posthorn.daemon.auth.SaslStep;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.smtp.Command;
import org.posthorn.smtp.CommandLine;
import org.posthorn.smtp.LineFraming;
import org.posthorn.smtp.Printable;
import org.posthorn.smtp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one client says who it is: the AUTH command and the lines that follow it (RFC 4954 §4). Driven by the session, which
 * knows when AUTH is in place, and by one thread at a time.
 */
final class LoginDialogue implements AutoCloseable {
  /** The longest line of an exchange, with its CRLF (RFC 4954 §4). */
  private static final int MAX_LINE_OCTETS = LineFraming.MAX_AUTH_OCTETS + 2;
  private static final Logger log = LoggerFactory.getLogger(LoginDialogue.class);

  private final Client client;
  private final Terms terms;
  private final InboundSettings settings;
  private final Authentication authentication;
  private final LoginGuard.Seat seat;
  private final InboundCounters counters;
  private Protection protection;
  private Optional<Underway> underway = Optional.empty();
  /** What a client hears that has failed already, once it has answered to that. */
  private Optional<Answer> verdict = Optional.empty();

  private record Underway(Mechanism mechanism, SaslExchange exchange) {}

  LoginDialogue(Client client, Terms terms, InboundSettings settings, Authentication authentication,
      InboundCounters counters) {
    this.client = client;
    this.terms = terms;
    this.settings = settings;
    this.authentication = authentication;
    this.counters = counters;
    this.seat = authentication.guard().seat(client.address(), client.isTrusted());
    // A front end has spoken for it over TLS of its own, which proves nothing of the client.
    this.protection = client.isEncrypted() ? Protection.OF_ANOTHER : Protection.NONE;
  }

  /** The connection is encrypted from now on. */
  void encrypted(Encryption encryption) {
    close();
    protection = ChannelBindings.of(encryption);
  }

  /** Whether it is worth a {@link #look} who may log in before the client is told how. */
  boolean mayLook() {
    return hasAuth() && client.identity().isEmpty() && settings.auth().accounts().isWatched();
  }

  /** Looks who may log in now. May wait for the disk. */
  void look() {
    settings.auth().accounts().look();
  }

  /** Whether there were users here, at the last look, who can prove who they are with a certificate. */
  boolean wantsCertificate() {
    return hasAuth() && settings.auth().mechanisms().contains(Mechanism.EXTERNAL)
        && settings.auth().accounts().get().haveCertificates();
  }

  private boolean hasAuth() {
    return terms.kind().requiresAuthentication() || settings.auth().onMx();
  }

  /** Returns the mechanisms to announce now; none when AUTH is not available. */
  List<String> mechanisms() {
    return isAvailable() && client.identity().isEmpty()
        ? authentication.mechanisms(settings.auth(), protection).stream().map(Mechanism::saslName).toList()
        : List.of();
  }

  private boolean isAvailable() {
    return hasAuth() && (terms.tls() != Tls.REQUIRED || protection.encrypted());
  }

  /** Begins an exchange; {@code replied} makes an answer of a reply. */
  Answer begin(Command.Auth auth, Function<Reply, Answer.Final> replied) {
    var mechanism = Mechanism.named(auth.mechanism());
    return obstacle(mechanism).<Answer>map(replied)
        .orElseGet(() -> new Answer.Later(() -> begin(mechanism.orElseThrow(), auth.initialResponse(), replied)));
  }

  private Optional<Reply> obstacle(Optional<Mechanism> mechanism) {
    if (client.identity().isPresent()) {
      return Optional.of(ServerReplies.AUTHENTICATED_ALREADY);
    }
    if (!hasAuth()) {
      return Optional.of(ServerReplies.NO_AUTH);
    }
    if (mechanism.filter(settings.auth().mechanisms()::contains).isEmpty()) {
      return Optional.of(ServerReplies.UNKNOWN_MECHANISM);
    }
    if (!protection.encrypted() && mechanism.get().isPlaintext()) {
      return Optional.of(ServerReplies.MECHANISM_NEEDS_TLS);
    }
    return isAvailable() ? Optional.empty() : Optional.of(ServerReplies.STARTTLS_FIRST);
  }

  private Answer begin(Mechanism mechanism, Optional<String> initialResponse, Function<Reply, Answer.Final> replied) {
    if (seat.isBanned()) {
      return refuse(mechanism, "", "banned", replied.apply(ServerReplies.AUTH_BANNED));
    }
    var exchange = authentication.begin(settings.auth(), mechanism, protection, settings.hostname().name(), seat);
    if (exchange.isEmpty()) {
      return replied.apply(ServerReplies.UNKNOWN_MECHANISM);
    }
    close(); // one that a fault of ours has left behind
    underway = Optional.of(new Underway(mechanism, exchange.get()));
    if (initialResponse.isEmpty()) {
      return follow(exchange.get().begin(), replied);
    }
    // An empty one is a single equals sign (RFC 4954 §4).
    var octets = initialResponse.get().equals("=") ? Optional.of(new byte[0]) : decode(initialResponse.get());
    return octets.map(response -> follow(exchange.get().begin(response), replied))
        .orElseGet(() -> end(replied.apply(ServerReplies.AUTH_MALFORMED)));
  }

  /** Goes on with the line that followed a challenge. */
  Answer respond(CommandLine line, Function<Reply, Answer.Final> replied) {
    var failed = verdict;
    verdict = Optional.empty();
    return switch (line) {
      case CommandLine.Refused(var reply) -> end(replied.apply(reply.equals(LineFraming.TOO_LONG)
          ? ServerReplies.AUTH_LINE_TOO_LONG
          : ServerReplies.AUTH_MALFORMED));
      case CommandLine.Text(var text) when text.equals("*") -> end(replied.apply(ServerReplies.AUTH_CANCELLED));
      case CommandLine.Text _ when failed.isPresent() -> failed.get();
      case CommandLine.Text(var text) -> decode(text).<Answer>map(octets -> new Answer.Later(
          () -> follow(underway.orElseThrow().exchange().take(octets), replied)))
          .orElseGet(() -> end(replied.apply(ServerReplies.AUTH_MALFORMED)));
    };
  }

  private Answer follow(SaslStep step, Function<Reply, Answer.Final> replied) {
    return switch (step) {
      case SaslStep.Challenge(var octets) -> prompt(octets);
      case SaslStep.Rebuff(var octets, var failure) -> {
        // Counted now: who guesses does not wait to hear it.
        verdict = Optional.of(fail(failure.why(), failure.login(), replied));
        yield prompt(octets);
      }
      case SaslStep.Success(var identity) -> {
        client.setIdentity(identity);
        seat.succeeded(identity.login());
        counters.login(true);
        log.atInfo()
            .addKeyValue("client", client)
            .addKeyValue("sasl_method", identity.mechanism())
            .addKeyValue("sasl_username", Printable.of(identity.login()))
            .log("authenticated");
        yield end(replied.apply(ServerReplies.AUTHENTICATED));
      }
      case SaslStep.Failure(var why, var login) -> fail(why, login, replied);
    };
  }

  private static Answer prompt(byte[] octets) {
    return new Answer.Prompt(Reply.plain(334, Base64.getEncoder().encodeToString(octets)), MAX_LINE_OCTETS);
  }

  private Answer fail(SaslStep.Why why, String login, Function<Reply, Answer.Final> replied) {
    Mechanism mechanism = underway.orElseThrow().mechanism();
    close();
    return switch (why) {
      case CREDENTIALS -> new Answer.Held(seat.failed(login),
          refuse(mechanism, login, "credentials invalid", replied.apply(ServerReplies.BAD_CREDENTIALS)));
      case AUTHORIZATION -> refuse(mechanism, login, "may not act as that user",
          replied.apply(ServerReplies.BAD_CREDENTIALS));
      case BANNED -> refuse(mechanism, login, "banned", replied.apply(ServerReplies.AUTH_BANNED));
      case BUSY -> refuse(mechanism, login, "too many logins at once", replied.apply(ServerReplies.AUTH_BUSY));
      case UNAVAILABLE -> refuse(mechanism, login, "cannot be checked", replied.apply(ServerReplies.AUTH_BUSY));
      case MALFORMED -> replied.apply(ServerReplies.AUTH_MALFORMED);
      case SPOKE_FIRST -> replied.apply(ServerReplies.AUTH_SPOKE_FIRST);
    };
  }

  private Answer.Final refuse(Mechanism mechanism, String login, String reason, Answer.Final answer) {
    counters.login(false);
    log.atInfo()
        .addKeyValue("client", client)
        .addKeyValue("sasl_method", mechanism.saslName())
        .addKeyValue("sasl_username", Printable.of(login))
        .addKeyValue("reason", reason)
        .log("authentication failed");
    return answer;
  }

  private Answer.Final end(Answer.Final answer) {
    close();
    return answer;
  }

  /** Neither stray characters nor a lack of padding are overlooked (RFC 4954 §4). */
  private static Optional<byte[]> decode(String base64) {
    try {
      return base64.length() % 4 == 0 ? Optional.of(Base64.getDecoder().decode(base64)) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Drops the exchange that is underway. */
  @Override
  public void close() {
    underway.ifPresent(dropped -> dropped.exchange().close());
    underway = Optional.empty();
  }
}
