package org.posthorn.daemon.config;

import java.time.Duration;
import org.posthorn.daemon.inbound.CheckpointSettings;
import org.posthorn.daemon.inbound.CheckpointSettings.Bound;

/** Reads how much is kept of messages that break off: {@code checkpoint}. */
final class Checkpointing {
  private Checkpointing() {}

  static CheckpointSettings read(Section section) {
    var standard = CheckpointSettings.DEFAULT;
    var checkpoint = new CheckpointSettings(section.flag("enabled", standard.isOffered()),
        section.duration("retention", standard.retention(), Duration.ofMinutes(1), Duration.ofDays(30)),
        bound(section, "", standard.all()), bound(section, "client-", standard.each()));
    section.finish();
    return checkpoint;
  }

  private static Bound bound(Section section, String whose, Bound standard) {
    return new Bound(section.count(whose + "transactions", standard.transactions(), 1, 100_000),
        section.bytes(whose + "size", standard.bytes(), 1 << 20, 1L << 40));
  }
}
