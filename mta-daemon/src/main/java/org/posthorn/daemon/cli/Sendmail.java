package org.posthorn.daemon.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.posthorn.daemon.config.ConfigException;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.SettingsSource;
import org.posthorn.smtp.AddressList;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Reply;

/**
 * The program that others know as sendmail: submits mail through the listener of the daemon, so that any user of the
 * machine can use it. When the daemon is down it says so and ends with 75, which callers take as "try again".
 */
final class Sendmail {
  private final Terminal terminal;
  private final ToIntFunction<String[]> posthorn;

  /** Leaves what the queue is asked to {@code posthorn}, which runs a command line. */
  Sendmail(Terminal terminal, ToIntFunction<String[]> posthorn) {
    this.terminal = terminal;
    this.posthorn = posthorn;
  }

  /** Does what {@code arguments} ask, and returns a code of sysexits(3). */
  int execute(List<String> arguments) {
    try {
      var options = SendmailOptions.parse(arguments);
      return switch (options.mode()) {
        case SUBMIT -> submit(options, settings()).code();
        case SMTP -> new SmtpPipe(terminal).run(LocalServer.of(settings())).code();
        case LIST -> posthorn("queue", "list");
        case RETRY -> posthorn("queue", "retry", "--all");
        case ALIASES -> posthorn("reload");
      };
    } catch (ConfigException e) {
      return end(Sysexit.CONFIG, String.valueOf(e.getMessage()));
    } catch (Failure e) {
      return end(Sysexit.USAGE, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return end(Sysexit.SOFTWARE, "failed: " + e);
    }
  }

  private Configuration settings() throws ConfigException {
    return SettingsSource.find(Optional.empty(), terminal.variables()).readWithoutSecrets();
  }

  private int posthorn(String... arguments) {
    return posthorn.applyAsInt(arguments) == ExitCode.OK ? Sysexit.OK.code() : Sysexit.UNAVAILABLE.code();
  }

  private Sysexit submit(SendmailOptions options, Configuration configuration) {
    var sender = options.from()
        .map(address -> qualified(address, configuration))
        .orElseGet(() -> qualified(LocalServer.userName(), configuration));
    var origin = new SubmittedFile.Origin(
        sender.isEmpty() ? qualified(LocalServer.userName(), configuration) : sender, options.fullName(),
        options.end());
    var server = LocalServer.of(configuration);
    try (var message = SubmittedFile.of(terminal.in(), origin)) {
      var recipients = recipients(options, message, configuration);
      try (var submission = SmtpSubmission.connect(server, line -> show(options, line))) {
        return result(submission.send(configuration.hostname().name(), new SmtpSubmission.Message(sender, recipients,
            mailParameters(options), options.notifyOn().map(wish -> " NOTIFY=" + wish).orElse(""), message.file())));
      }
    } catch (ConnectException e) {
      return complain(Sysexit.TEMPFAIL, "not sent: no mail daemon listens on " + LocalServer.text(server)
          + "; start it with \"posthorn run\", or try again later");
    } catch (IOException e) {
      return complain(Sysexit.TEMPFAIL, "not sent: " + e.getMessage());
    }
  }

  private List<String> recipients(SendmailOptions options, SubmittedFile message, Configuration configuration) {
    var named = new ArrayList<String>();
    options.recipients().forEach(argument -> named.addAll(AddressList.parse(argument)));
    if (options.takesHeader()) {
      named.addAll(message.recipients());
    }
    if (named.isEmpty()) {
      throw Failure.usage("no recipients: name them as arguments, or use -t and name them in the header");
    }
    var recipients = named.stream().map(address -> qualified(address, configuration)).distinct().toList();
    recipients.stream().filter(address -> Mailbox.parse(address).isEmpty()).findFirst().ifPresent(address -> {
      throw Failure.usage("not an address: \"" + address + "\"");
    });
    return recipients;
  }

  /** A name without a domain is one of this host: of its first local domain, if it has one. */
  private static String qualified(String address, Configuration configuration) {
    if (address.isEmpty() || address.contains("@")) {
      return address;
    }
    var domains = configuration.inbound().settings().local().domains();
    return address + "@" + (domains.isEmpty() ? configuration.hostname() : domains.getFirst());
  }

  private static String mailParameters(SendmailOptions options) {
    return options.ret().map(what -> " RET=" + what).orElse("")
        + options.envelopeId().map(id -> " ENVID=" + id).orElse("");
  }

  private Sysexit result(Reply reply) {
    if (reply.isPositive()) {
      return Sysexit.OK;
    }
    var code = reply.isTransient() ? Sysexit.TEMPFAIL : switch (reply.code()) {
      case 550, 551, 553 -> reply.status().map(status -> status.toString().startsWith("5.7.")).orElse(false)
          ? Sysexit.NOPERM
          : Sysexit.NOUSER;
      case 500, 501, 552, 554 -> Sysexit.DATAERR;
      default -> Sysexit.UNAVAILABLE;
    };
    return complain(code, "not sent: the mail daemon refused: " + reply);
  }

  private void show(SendmailOptions options, String line) {
    if (options.isVerbose()) {
      terminal.out().println(line);
    }
  }

  private int end(Sysexit code, String text) {
    return complain(code, text).code();
  }

  private Sysexit complain(Sysexit code, String text) {
    terminal.complain("sendmail: " + text);
    return code;
  }
}
