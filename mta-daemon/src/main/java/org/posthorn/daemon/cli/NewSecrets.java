package org.posthorn.daemon.cli;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import org.posthorn.daemon.auth.Prepared;
import org.posthorn.daemon.auth.Secret;
import picocli.CommandLine.Option;

/** What is kept of a new password. Picocli fills it in. */
final class NewSecrets {
  @Option(names = "--secret", paramLabel = "KIND", split = ",", description = {
      "What is kept of the password: argon2id, scram-sha-256, scram-sha-1, bcrypt, sha512-crypt, or clear, which CRAM-MD5"
          + " and DIGEST-MD5 need. Default: argon2id,scram-sha-256."})
  private List<String> kinds = List.of("argon2id", "scram-sha-256");

  @Option(names = "--hashed", description = "Standard input holds a hash from elsewhere instead of a password.")
  private boolean isHashed;

  /** Asks for the password of {@code login}, or for its hash, and returns what is to be kept. */
  List<Secret> ask(Terminal terminal, String login) throws IOException {
    String text = terminal.readPassword((isHashed ? "Hash for " : "Password for ") + login, true);
    try {
      if (isHashed) {
        return List.of(Secret.parse(text.strip()));
      }
      String password = Prepared.password(text)
          .orElseThrow(() -> Failure.of("a password cannot be empty, or hold control characters"));
      var random = new SecureRandom();
      return kinds.stream().map(kind -> Secret.make(kind, password, random)).toList();
    } catch (IllegalArgumentException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    }
  }
}
