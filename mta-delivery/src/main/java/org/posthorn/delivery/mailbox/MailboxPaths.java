package org.posthorn.delivery.mailbox;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.posthorn.smtp.Mailbox;

/** Finds the mailbox of a recipient: who the user is, and where the mail of this user lies. */
final class MailboxPaths {
  private final MailboxSettings settings;
  private final LocalUsers users;

  /** Fills in the template of {@code settings} for {@code users}. */
  MailboxPaths(MailboxSettings settings, LocalUsers users) {
    this.settings = settings;
    this.users = users;
  }

  /**
   * Returns the path of the mailbox of {@code recipient}; empty when there is no such user. Throws
   * {@link java.nio.file.InvalidPathException} when the platform cannot write the name of the user.
   */
  Optional<Path> pathOf(Mailbox recipient) {
    String host = recipient.host().toString().toLowerCase(Locale.ROOT);
    return userOf(recipient)
        .filter(user -> isSafe(user) && isSafe(host))
        .map(user -> Path.of(settings.pathTemplate().replace("{domain}", host).replace("{user}", user)));
  }

  private Optional<String> userOf(Mailbox recipient) {
    String whole = recipient.localPart().toLowerCase(Locale.ROOT);
    if (users.hasMailbox(whole, recipient.host())) {
      return Optional.of(whole); // a user may have the delimiter in the name
    }
    int end = settings.recipientDelimiter().map(whole::indexOf).orElse(-1);
    return end > 0
        ? Optional.of(whole.substring(0, end)).filter(user -> users.hasMailbox(user, recipient.host()))
        : Optional.empty();
  }

  /** Whether {@code name} stays one visible name below the folder where the template puts it. */
  private static boolean isSafe(String name) {
    return !name.isEmpty() && name.charAt(0) != '.' && name.indexOf('/') < 0
        && name.chars().noneMatch(Character::isISOControl);
  }
}
