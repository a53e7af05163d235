package org.posthorn.daemon.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;
import org.posthorn.daemon.admin.AdminException;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.Reason;
import org.posthorn.queue.SpoolException;
import org.posthorn.queue.StoreException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code posthorn} with all its subcommands. */
public final class CommandLineTool {
  private final Terminal terminal;
  private final CommandLine commands;

  /** Puts the commands together; {@code daemon} is what {@code run} runs. */
  public CommandLineTool(Terminal terminal, DaemonRun daemon) {
    this.terminal = terminal;
    commands = new CommandLine(new Root())
        .addSubcommand(new RunCommand(terminal, daemon))
        .addSubcommand(new CheckCommand(terminal))
        .addSubcommand(new StatusCommand(terminal))
        .addSubcommand(new ReloadCommand(terminal))
        .addSubcommand(new StopCommand(terminal))
        .addSubcommand("queue", QueueCommand.of(terminal))
        .addSubcommand("user", UserCommand.of(terminal))
        .addSubcommand(new BansCommand(terminal))
        .addSubcommand(new LimitsCommand(terminal))
        .addSubcommand(new RouteCommand(terminal))
        .addSubcommand(new SendCommand(terminal))
        .addSubcommand(new BsmtpCommand(terminal))
        .addSubcommand(new CompletionCommand(terminal))
        .addSubcommand(new VersionCommand(terminal));
    commands.setOut(writer(terminal.out()))
        .setErr(writer(terminal.err()))
        .setUsageHelpAutoWidth(true)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(complainOfUsage())
        .setExecutionExceptionHandler(complainOfFailure());
    commands.getCommandSpec().versionProvider(() -> new String[]{VersionCommand.text()});
  }

  /** Runs the command that {@code arguments} name, and returns its exit code. Throws nothing. */
  public int execute(String... arguments) {
    try {
      return run(arguments);
    } catch (Error e) { // nobody else takes it: other threads would keep a daemon alive that serves nobody
      terminal.complain(unexpected(e));
      return ExitCode.FAILED;
    }
  }

  private int run(String... arguments) {
    // sendmail's options are older than any convention: a value may follow its letter or not.
    if (arguments.length > 0 && arguments[0].equals("sendmail")) {
      int exitCode = new Sendmail(terminal, commands::execute)
          .execute(List.of(arguments).subList(1, arguments.length));
      terminal.out().flush();
      return exitCode;
    }
    int exitCode = commands.execute(arguments);
    terminal.out().flush();
    return exitCode;
  }

  /** The command without a subcommand. */
  @Command(name = "posthorn", mixinStandardHelpOptions = false, synopsisSubcommandLabel = "COMMAND", description = {
      "Accepts mail by SMTP, keeps it safe on disk, and gets it to where it is going."}, footer = {"",
          "posthorn COMMAND --help tells more. As \"posthorn sendmail\", or under the name sendmail, it submits mail as the"
              + " program of that name does. \"posthorn warm-up\", once after unpacking, halves the time of each start."})
  static final class Root extends Helpful {
    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Says which version this is.")
    private boolean isVersionWanted;

    /** Whether the version was asked for, which Picocli then gives. */
    boolean isVersionWanted() {
      return isVersionWanted;
    }
  }

  private IParameterExceptionHandler complainOfUsage() {
    return (e, _) -> {
      var name = e.getCommandLine().getCommandSpec().qualifiedName();
      terminal.complain(complaint(e) + " (" + name + " --help tells more)");
      return ExitCode.USAGE;
    };
  }

  private static String complaint(ParameterException e) {
    var subcommands = e.getCommandLine().getSubcommands().keySet();
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
      var argument = "\"" + unmatched.getUnmatched().getFirst() + "\"";
      return subcommands.isEmpty() ? "one argument too many: " + argument : "there is no command " + argument;
    }
    var text = String.valueOf(e.getMessage());
    return text.equals("Missing required subcommand")
        ? "name a command: " + String.join(", ", subcommands)
        : decapitalized(text);
  }

  private IExecutionExceptionHandler complainOfFailure() {
    return (e, _, _) -> {
      switch (e) {
        case Failure failure -> {
          terminal.complain(String.valueOf(failure.getMessage()));
          return failure.exitCode();
        }
        case ConfigException failure -> terminal.complain(String.valueOf(failure.getMessage()));
        case AdminException failure -> {
          terminal.complain(String.valueOf(failure.getMessage()));
          return failure.isSenseless() ? ExitCode.USAGE : ExitCode.FAILED;
        }
        case SpoolException failure -> terminal.complain(withCause(failure));
        case StoreException failure -> terminal.complain(withCause(failure));
        case FileSystemException failure -> terminal.complain(failure.getFile() + ": " + Reason.of(failure));
        case IOException failure -> terminal.complain(Reason.of(failure));
        default -> terminal.complain(unexpected(e));
      }
      return ExitCode.FAILED;
    };
  }

  private static String withCause(Exception failure) {
    return failure.getMessage() + switch (firstCause(failure)) { // behind what the database says of the disk
      case FileSystemException cause when cause.getFile() != null -> ": " + cause.getFile() + ": " + Reason.of(cause);
      case IOException cause -> ": " + Reason.of(cause);
      default -> "";
    };
  }

  /** Says what only a bug brings about, or a system that has no file or thread left to give, which then is the first cause. */
  private static String unexpected(Throwable failure) {
    var cause = firstCause(failure);
    return "failed: " + failure + (cause.equals(failure) ? "" : ": " + cause.getMessage());
  }

  private static Throwable firstCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String decapitalized(String text) {
    return text.isEmpty() ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private static PrintWriter writer(java.io.PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
