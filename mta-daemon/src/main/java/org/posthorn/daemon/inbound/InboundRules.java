package org.posthorn.daemon.inbound;

/**
 * What is in force for a session from its beginning to its end: the settings and the policy made of them. Immutable.
 *
 * @param settings as configured
 * @param policy the relay policy of these settings
 */
public record InboundRules(InboundSettings settings, RelayPolicy policy) {
  /** Makes the policy; throws IllegalArgumentException with file and line when something is wrong with the aliases. */
  public static InboundRules of(InboundSettings settings) {
    return new InboundRules(settings,
        new RelayPolicy(settings.hostname(), settings.relay().alsoFor(settings.extensions().onDemand().waiting()),
            settings.local()));
  }
}
