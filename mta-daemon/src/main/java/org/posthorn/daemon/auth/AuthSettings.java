package org.posthorn.daemon.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.auth.token.TokenSettings;

/**
 * Who may log in, and how.
 *
 * @param mechanisms allowed mechanisms, best first
 * @param accounts the users
 * @param directory who checks secrets in place of the accounts, if anybody does
 * @param tokens which tokens count, if any do
 * @param usersFile where {@code posthorn user} changes them, if anywhere
 * @param onMx whether {@code mx} listeners offer AUTH too; default false: people submit on 587 and 465
 * @param guard how guessing is slowed
 * @param hashing how much hashing of passwords may take; a change counts with the next start
 */
public record AuthSettings(List<Mechanism> mechanisms, AccountSource accounts,
    Optional<UserDirectory> directory, Optional<TokenSettings> tokens, Optional<Path> usersFile, boolean onMx,
    GuardSettings guard, Hashing hashing) {
  /**
   * How much hashing of passwords may take.
   *
   * @param threads passwords hashed at once, each with some 20 MB of memory; 1 to 64; default 2
   * @param patience how long a login waits for its turn; default 10 s
   */
  public record Hashing(int threads, Duration patience) {}

  /** The mechanisms that are allowed when nothing else is said. */
  public static final List<Mechanism> STANDARD = List.of(Mechanism.SCRAM_SHA_256_PLUS, Mechanism.SCRAM_SHA_1_PLUS,
      Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_1, Mechanism.EXTERNAL, Mechanism.OAUTHBEARER, Mechanism.XOAUTH2,
      Mechanism.PLAIN, Mechanism.LOGIN);
  /** Nobody logs in. */
  public static final AuthSettings NONE = new AuthSettings(STANDARD, Accounts::none, Optional.empty(),
      Optional.empty(), Optional.empty(), false,
      GuardSettings.DEFAULT, new Hashing(2, Duration.ofSeconds(10)));

  public AuthSettings {
    mechanisms = mechanisms.stream().distinct().sorted().toList();
  }
}
