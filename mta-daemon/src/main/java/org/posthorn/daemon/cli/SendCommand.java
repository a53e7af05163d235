package org.posthorn.daemon.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.Reason;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.Reply;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code posthorn send}: a small client to try a server with. */
@Command(name = "send", description = {"Sends a message by SMTP and shows the dialogue.",
    "Without --file the message is made of --subject and --body."})
final class SendCommand extends Helpful implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private SettingsOption settings = new SettingsOption();

  @Mixin
  private ServerOption server = new ServerOption();

  @Mixin
  private ProtectionOptions options = new ProtectionOptions();

  @Option(names = "--from", paramLabel = "ADDRESS", description = "The sender; \"\" for the null sender. Default: you at"
      + " the host name of the settings.")
  private Optional<String> from = Optional.empty();

  @Option(names = "--to", paramLabel = "ADDRESS", required = true, description = "A recipient; may be repeated.")
  private List<String> to = List.of();

  @Option(names = "--file", paramLabel = "FILE", description = "A whole message, header and body; - for standard input.")
  private Optional<Path> file = Optional.empty();

  @Option(names = "--subject", paramLabel = "TEXT", defaultValue = "A test of Posthorn", description = "Default:"
      + " ${DEFAULT-VALUE}.")
  private String subject = "";

  @Option(names = "--body", paramLabel = "TEXT", defaultValue = "Sent by posthorn send.", description = "Default:"
      + " ${DEFAULT-VALUE}")
  private String body = "";

  @Option(names = "--helo", paramLabel = "NAME", description = "What to greet with. Default: the host name of the settings.")
  private Optional<String> helo = Optional.empty();

  @Option(names = "--count", paramLabel = "N", defaultValue = "1", description = "Sends it so often, each over a"
      + " connection of its own, and shows the first dialogue only.")
  private int count = 1;

  SendCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    var configuration = settings.readWithoutSecrets(terminal);
    var address = server.of(configuration);
    var sender = from.orElseGet(() -> LocalServer.userName() + "@" + configuration.hostname());
    to.forEach(SendCommand::requireAddress);
    if (!sender.isEmpty()) {
      requireAddress(sender);
    }
    if (count < 1) {
      throw Failure.usage("--count must be 1 or more, not " + count);
    }
    try (var message = content(configuration, sender)) {
      var protection = options.of(address, terminal);
      boolean isTaken = send(configuration, () -> connect(address, protection, terminal.out()::println), sender,
          message);
      for (int sent = 1; sent < count && isTaken; sent++) {
        isTaken = send(configuration, () -> connect(address, protection, _ -> {}), sender, message);
      }
      return isTaken ? ExitCode.OK : ExitCode.FAILED;
    } catch (IOException e) {
      throw Failure.of("cannot send through " + LocalServer.text(address) + ": " + Reason.of(e));
    }
  }

  /** Begins a session. */
  private interface Connecting {
    SmtpSubmission begin() throws IOException;
  }

  private static SmtpSubmission connect(InetSocketAddress address, Protection protection, Consumer<String> watcher)
      throws IOException {
    return SmtpSubmission.connect(address, watcher).with(protection);
  }

  private boolean send(Configuration configuration, Connecting connecting, String sender, SubmittedFile message)
      throws IOException {
    try (var submission = connecting.begin()) {
      Reply reply = submission.send(helo.orElse(configuration.hostname().name()),
          new SmtpSubmission.Message(sender, to, "", "", message.file()));
      if (!reply.isPositive()) {
        terminal.complain("the server refused: " + reply);
      }
      return reply.isPositive();
    }
  }

  private SubmittedFile content(Configuration configuration, String sender) throws IOException {
    var origin = new SubmittedFile.Origin(sender.isEmpty() ? "postmaster@" + configuration.hostname() : sender, "",
        SubmittedFile.End.OF_INPUT);
    if (file.isEmpty()) {
      return SubmittedFile.of(generated(), origin);
    }
    if (file.get().equals(Path.of("-"))) {
      return SubmittedFile.of(terminal.in(), origin);
    }
    try (InputStream in = Files.newInputStream(file.get())) {
      return SubmittedFile.of(in, origin);
    } catch (IOException e) {
      throw Failure.usage("cannot read " + file.get() + ": " + Reason.of(e));
    }
  }

  private InputStream generated() {
    var text = "To: " + String.join(",\n ", to) + "\nSubject: " + subject.replaceAll("\\R", " ") + "\nDate: "
        + MessageDate.of(terminal.clock().instant())
        + "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + body
        + "\n";
    return new java.io.ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void requireAddress(String text) {
    if (Mailbox.parse(text).isEmpty()) {
      throw Failure.usage("not an address: \"" + text + "\"");
    }
  }
}
