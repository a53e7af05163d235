package org.posthorn.daemon.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.Reason;
import org.posthorn.queue.Dsn;
import org.posthorn.queue.RemoteMta;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Reply;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code posthorn bsmtp}: a batch of messages with their envelopes, from a file (RFC 2442). */
@Command(name = "bsmtp", description = {"Sends a batch: what an SMTP client says, written to a file.",
    "The file holds the commands and messages as they are, or is a MIME message of type application/batch-SMTP. Each"
        + " message that is refused, and each recipient, is told of; the others are sent nevertheless. Senders get a report of recipients"
        + " that are refused for good."})
final class BsmtpCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;
  private int refusals;

  @Mixin
  private SettingsOption settings = new SettingsOption();

  @Mixin
  private ServerOption server = new ServerOption();

  @Option(names = "--skip", paramLabel = "N", defaultValue = "0", description = "Leaves out the first N messages, because"
      + " they were sent before.")
  private int skip;

  @Option(names = "--later", paramLabel = "FILE", description = "Appends what is refused for the time being (4yz) to FILE,"
      + " which is a batch again, to be sent another time.")
  private Optional<Path> later = Optional.empty();

  @Option(names = "--no-reports", description = "Tells senders nothing, only you.")
  private boolean isSilent;

  @Parameters(paramLabel = "FILE", description = "The batch; - for standard input.")
  private Path file = Path.of("-");

  BsmtpCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    var configuration = settings.readWithoutSecrets(terminal);
    if (skip < 0) {
      throw Failure.usage("--skip must be 0 or more, not " + skip);
    }
    if (file.equals(Path.of("-"))) {
      return replay(configuration, terminal.in());
    }
    try (InputStream in = Files.newInputStream(file)) {
      if (later.isPresent() && Files.exists(later.get()) && Files.isSameFile(file, later.get())) {
        throw Failure.usage("--later must be another file than the batch, which would never end"); // while all is refused
      }
      return replay(configuration, in);
    } catch (IOException e) {
      throw Failure.usage("cannot read " + file + ": " + Reason.of(e));
    }
  }

  private int replay(Configuration configuration, InputStream in) {
    int done = skip;
    var rest = later.map(BatchRest::in).orElseGet(BatchRest::none);
    try {
      var batch = BatchInput.open(in);
      try (var replay = new BatchReplay(batch, () -> session(configuration, batch), new Told(reports(configuration)),
          rest, skip)) {
        try {
          replay.run();
        } finally {
          done = replay.done();
        }
      }
    } catch (Failure e) {
      throw new Failure(e.exitCode(), e.getMessage() + goOn(done));
    } catch (IOException e) {
      throw Failure.of("through " + LocalServer.text(server.of(configuration)) + ": " + Reason.of(e) + goOn(done));
    }
    terminal.out().println(messages(done - skip));
    if (rest.messages() > 0) {
      terminal.out().println(messages(rest.messages()) + " to send another time: posthorn bsmtp " + later.orElse(file));
    }
    return refusals == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String messages(int count) {
    return count + (count == 1 ? " message" : " messages");
  }

  private BatchReports reports(Configuration configuration) {
    var address = server.of(configuration);
    return new BatchReports(configuration.hostname(),
        new RemoteMta(address.getHostString(), LocalServer.text(address)), configuration.returnedBytes(),
        terminal.clock(), new SecureRandom());
  }

  private static String goOn(int done) {
    return done == 0 ? "" : "; go on behind what was sent with --skip " + done;
  }

  private SmtpSubmission session(Configuration configuration, BatchInput batch) throws IOException {
    var session = SmtpSubmission.connect(server.of(configuration), _ -> {});
    var hello = session.greet(configuration.hostname().name());
    var missing = hello.isPositive() ? BatchReplay.missing(batch, session) : List.<String>of();
    if (hello.isPositive() && missing.isEmpty()) {
      return session;
    }
    session.leave();
    throw Failure.of(missing.isEmpty()
        ? "the server refused: " + hello
        : "the batch needs extensions that the server does not have: " + String.join(", ", missing));
  }

  /** Tells people. */
  private final class Told implements BatchReplay.Witness {
    private final BatchReports reports;

    Told(BatchReports reports) {
      this.reports = reports;
    }

    @Override
    public void taken(int message, Reply reply) {
      terminal.out().println("message " + message + ": " + reply);
    }

    @Override
    public void refused(int message, int line, String what, Reply reply) {
      refusals++;
      terminal.complain("message " + message + " refused at line " + line + ", " + what + ": " + reply);
    }

    @Override
    public Optional<Dsn> report(BatchMessage message) {
      return isSilent ? Optional.empty() : reports.about(message);
    }

    @Override
    public void reported(int message, Dsn report, Reply reply) {
      var sender = report.to().stream().map(Mailbox::toString).collect(Collectors.joining(", "));
      if (reply.isPositive()) {
        terminal.out().println("message " + message + ": report to " + sender + ": " + reply);
      } else {
        terminal.complain("message " + message + ": no report to " + sender + ": " + reply);
      }
    }
  }
}
