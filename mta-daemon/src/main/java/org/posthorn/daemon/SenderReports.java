package org.posthorn.daemon;

import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.inbound.RelayPolicy.Decision;
import org.posthorn.daemon.tracking.TrackBook;
import org.posthorn.queue.Dsn;
import org.posthorn.queue.Fate;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.Report;
import org.posthorn.queue.Reports;
import org.posthorn.queue.dsn.DsnComposer;
import org.posthorn.smtp.ForwardPath;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.RcptParameters;

/** What senders are told, by the settings in force: DSNs, and what they ask for who track their messages. */
final class SenderReports implements Reports {
  private final Supplier<Configuration> settings;
  private final TrackBook tracks;
  private final RandomGenerator random;

  SenderReports(Supplier<Configuration> settings, TrackBook tracks, RandomGenerator random) {
    this.settings = settings;
    this.tracks = tracks;
    this.random = random;
  }

  /** DSNs are for those who read the sender's mail, which its alias may say. */
  @Override
  public Dsn compose(Report report) {
    var now = settings.get();
    var dsn = new DsnComposer(now.hostname().name(), now.returnedBytes(), random).compose(report);
    return dsn.to(dsn.to().stream().flatMap(sender -> readers(now, sender).stream()).distinct().toList());
  }

  private static List<Mailbox> readers(Configuration now, Mailbox address) {
    return switch (now.inbound().policy().decide(true, new ForwardPath.To(address), RcptParameters.NONE)) {
      case Decision.Accept(var recipients) -> recipients.stream().map(Recipient::address).toList();
      case Decision.Refuse _ -> List.of(address); // fails in its own attempt, and is logged there
    };
  }

  @Override
  public void track(QueuedMessage message, RecipientNumber recipient, Fate fate) {
    tracks.note(message, recipient, fate);
  }
}
