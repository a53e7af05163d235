package org.posthorn.daemon.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.posthorn.daemon.cli.Protection.Login;
import org.posthorn.daemon.cli.Protection.Start;
import org.posthorn.daemon.config.Reason;
import org.posthorn.delivery.tls.Authorities;
import org.posthorn.delivery.tls.ClientTls;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;
import picocli.CommandLine.Option;

/** TLS and AUTH for commands that speak SMTP to any server. Picocli fills it in. */
final class ProtectionOptions {
  private static final String PASSWORD_VARIABLE = "POSTHORN_PASSWORD";

  @Option(names = "--tls", paramLabel = "starttls|implicit", arity = "0..1", fallbackValue = "starttls", description = "Encrypts the session: by STARTTLS, as on ports 25 and 587, or at once, as on 465. Any certificate will do.")
  private Optional<String> tls = Optional.empty();

  @Option(names = "--tls-verify", description = "The certificate must be for the server's name and by a trusted authority.")
  private boolean isVerified;

  @Option(names = "--ca", paramLabel = "FILE", description = "The authorities that are trusted, in PEM; implies --tls-verify."
      + " Default: those of the system.")
  private Optional<Path> authorities = Optional.empty();

  @Option(names = "--tls-name", paramLabel = "NAME", description = "What the server is called. Default: the host of --server.")
  private Optional<String> name = Optional.empty();

  @Option(names = "--user", paramLabel = "LOGIN", description = "Logs in, under TLS. The password is the first line of"
      + " --password-file, else of the variable " + PASSWORD_VARIABLE + ", else it is asked for.")
  private Optional<String> user = Optional.empty();

  @Option(names = "--password-file", paramLabel = "FILE", description = "Holds the password of --user.")
  private Optional<Path> passwordFile = Optional.empty();

  /** Returns what they say of a session with {@code server}; asks for a password when none is there. */
  Protection of(InetSocketAddress server, Terminal terminal) throws IOException {
    boolean verifies = isVerified || authorities.isPresent();
    Start start = tls.map(ProtectionOptions::start).orElse(verifies ? Start.STARTTLS : Start.NEVER);
    if (user.isPresent() && start == Start.NEVER) {
      throw Failure.usage("--user needs --tls: others could read the password on its way");
    }
    Optional<Login> login = user.isPresent()
        ? Optional.of(new Login(user.get(), password(terminal)))
        : Optional.empty();
    return new Protection(start, new ClientTls(trusted()), host(server), verifies, login);
  }

  private static Start start(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "starttls" -> Start.STARTTLS;
      case "implicit" -> Start.IMPLICIT;
      default -> throw Failure.usage("--tls is starttls or implicit, not \"" + text + "\"");
    };
  }

  private MailHost host(InetSocketAddress server) {
    return Domain.parse(name.orElse(server.getHostString()))
        .filter(domain -> !domain.name().matches("[0-9.]+"))
        .<MailHost>map(domain -> domain)
        .orElseGet(() -> new AddressLiteral(server.getAddress()));
  }

  private Authorities trusted() {
    try {
      return authorities.isPresent() ? Authorities.read(authorities.get()) : Authorities.OF_SYSTEM;
    } catch (IOException e) {
      throw Failure.usage("cannot use " + authorities.get() + ": " + Reason.of(e));
    }
  }

  private String password(Terminal terminal) throws IOException {
    if (passwordFile.isPresent()) {
      try (var lines = Files.lines(passwordFile.get(), StandardCharsets.UTF_8)) {
        return lines.findFirst().orElse("");
      } catch (IOException e) {
        throw Failure.usage("cannot read " + passwordFile.get() + ": " + Reason.of(e));
      }
    }
    var variable = Optional.ofNullable(terminal.variables().get(PASSWORD_VARIABLE));
    return variable.isPresent() ? variable.get() : terminal.readPassword("Password for " + user.orElse(""), false);
  }
}
