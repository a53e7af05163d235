package org.posthorn.delivery;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.Capabilities;
import org.posthorn.smtp.MailHost;

/** How much one session with a server may hold, as it says itself (RFC 9422), and what it held so far. Used by one thread. */
final class ServerLimits {
  private final OptionalInt mails;
  private final OptionalInt recipients;
  private final OptionalInt domains;
  private final Set<MailHost> used = new HashSet<>();

  ServerLimits(Capabilities offered) {
    mails = offered.limit("MAILMAX");
    recipients = offered.limit("RCPTMAX");
    domains = offered.limit("RCPTDOMAINMAX");
  }

  /** Whether the server sets any. */
  boolean isAny() {
    return mails.isPresent() || recipients.isPresent() || domains.isPresent();
  }

  /** Whether one more transaction may follow {@code transactions}. */
  boolean allowsMailAfter(int transactions) {
    return mails.isEmpty() || transactions < mails.getAsInt();
  }

  /** Returns those of {@code wanted} that may be named in the next transaction; it counts as begun when there are any. */
  List<RecipientNumber> choose(List<RecipientNumber> wanted, Envelope envelope) {
    if (recipients.isEmpty() && domains.isEmpty()) {
      return wanted;
    }
    var chosen = new ArrayList<RecipientNumber>();
    for (var recipient : wanted) {
      if (chosen.size() < recipients.orElse(Integer.MAX_VALUE)
          && allows(envelope.recipient(recipient).address().host())) {
        chosen.add(recipient);
      }
    }
    return chosen;
  }

  private boolean allows(MailHost host) {
    if (!used.contains(host) && used.size() < domains.orElse(Integer.MAX_VALUE)) {
      used.add(host);
    }
    return used.contains(host);
  }
}
