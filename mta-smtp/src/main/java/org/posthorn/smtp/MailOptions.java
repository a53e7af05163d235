package org.posthorn.smtp;

import java.util.List;
import java.util.Optional;

/**
 * The parameters of MAIL that are rarely given.
 *
 * @param deliverBy the BY parameter (RFC 2852)
 * @param release the HOLDFOR or HOLDUNTIL parameter (RFC 4865)
 * @param priority the MT-PRIORITY parameter (RFC 6710)
 * @param requireTls whether REQUIRETLS was given (RFC 8689)
 * @param solicitations the keywords of the SOLICIT parameter (RFC 3865)
 * @param tracking the MTRK parameter (RFC 3885)
 * @param submitter the AUTH parameter: who first submitted the message (RFC 4954 §5); empty for {@code <>} and when absent
 * @param transactionId the TRANSID parameter with its brackets (RFC 1845 §2)
 */
public record MailOptions(Optional<DeliverBy> deliverBy, Optional<FutureRelease> release, Optional<Priority> priority,
    boolean requireTls, List<String> solicitations, Optional<Tracking> tracking, Optional<Mailbox> submitter,
    Optional<String> transactionId) {
  /** A MAIL without any of them. */
  public static final MailOptions NONE = new MailOptions(Optional.empty(), Optional.empty(), Optional.empty(), false,
      List.of(), Optional.empty(), Optional.empty());

  /** Without a TRANSID. */
  public MailOptions(Optional<DeliverBy> deliverBy, Optional<FutureRelease> release, Optional<Priority> priority,
      boolean requireTls, List<String> solicitations, Optional<Tracking> tracking, Optional<Mailbox> submitter) {
    this(deliverBy, release, priority, requireTls, solicitations, tracking, submitter, Optional.empty());
  }

  public MailOptions {
    solicitations = List.copyOf(solicitations);
  }

  /** Returns these without the ones for which {@code server} lacks the extension. */
  MailOptions offeredBy(Capabilities server) {
    return new MailOptions(deliverBy.filter(_ -> server.has(Capabilities.Extension.DELIVERBY)), Optional.empty(),
        priority.filter(_ -> server.has(Capabilities.Extension.MT_PRIORITY)), requireTls,
        server.has(Capabilities.Extension.NO_SOLICITING) ? solicitations : List.of(),
        tracking.filter(_ -> server.has(Capabilities.Extension.MTRK)), submitter);
  }
}
