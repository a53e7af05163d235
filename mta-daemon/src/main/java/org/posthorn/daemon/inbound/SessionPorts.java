package org.posthorn.daemon.inbound;

import org.posthorn.daemon.auth.Authentication;
import org.posthorn.daemon.quota.Quotas;

/**
 * What a session needs besides its rules.
 *
 * @param intake where messages go
 * @param authentication says who clients are
 * @param quotas counts what they send
 * @param counters counts what comes in
 * @param waiting what waits for servers that ask for it
 */
public record SessionPorts(Intake intake, Authentication authentication, Quotas quotas, InboundCounters counters,
    WaitingMail waiting) {
  /** Nothing waits for anybody. */
  public SessionPorts(Intake intake, Authentication authentication, Quotas quotas, InboundCounters counters) {
    this(intake, authentication, quotas, counters, WaitingMail.NONE);
  }
}
