package org.posthorn.delivery;

import java.util.Set;
import org.posthorn.smtp.Domain;

/**
 * What servers are told by fields of the header that lack the extension to hear it by.
 *
 * @param priority whether they are told the priority of a message that has one (RFC 6758); default true
 * @param owners domains whose servers are known to heed {@code Require-Recipient-Valid-Since:}, though they do not offer RRVS
 *     (RFC 7293 §6.1); default none
 */
public record FieldSettings(boolean priority, Set<Domain> owners) {
  /** The defaults. */
  public static final FieldSettings DEFAULT = new FieldSettings(true, Set.of());

  public FieldSettings {
    owners = Set.copyOf(owners);
  }
}
