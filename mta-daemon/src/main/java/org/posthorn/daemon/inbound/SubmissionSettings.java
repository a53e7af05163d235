package org.posthorn.daemon.inbound;

import org.posthorn.daemon.quota.SendingLimits;

/**
 * What who logs in may send (RFC 6409).
 *
 * @param from what is done about a {@code From:} that is not the user's; default {@link ForeignFrom#REJECT}
 * @param limits how much each user may send; default none
 * @param over what happens beyond a limit; default {@link OverLimit#DEFER}
 * @param hideClient whether {@code Received:} is silent about where the user is; default false
 */
public record SubmissionSettings(ForeignFrom from, SendingLimits limits, OverLimit over, boolean hideClient) {
  /** What happens beyond a limit. */
  public enum OverLimit {
    /** 451 4.7.1: mail programs try again, people learn of it late. */
    DEFER,
    /** 550 5.7.1: people learn of it at once. */
    REJECT
  }

  /** What is done about a {@code From:} that is not the user's. */
  public enum ForeignFrom {
    /** 553 5.7.1. */
    REJECT,
    /** {@code Sender:} says who it was (RFC 6409 §8.1). */
    SENDER,
    /** Nothing; the header is not looked at. */
    IGNORE
  }

  /** The defaults. */
  public static final SubmissionSettings DEFAULT = new SubmissionSettings(ForeignFrom.REJECT, SendingLimits.NONE,
      OverLimit.DEFER, false);
}
