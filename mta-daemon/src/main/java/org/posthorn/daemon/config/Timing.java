package org.posthorn.daemon.config;

import java.time.Duration;
import java.util.Optional;
import org.posthorn.daemon.inbound.HandlingSettings;
import org.posthorn.daemon.inbound.HandlingSettings.DeliverByTimes;
import org.posthorn.daemon.inbound.HandlingSettings.Priorities;
import org.posthorn.daemon.inbound.HandlingSettings.ReleaseTimes;
import org.posthorn.smtp.Priority;

/** Reads what clients may ask for as to when mail goes: {@code deliver-by}, {@code future-release} and {@code priority}. */
final class Timing {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration YEARS = Duration.ofDays(3650);
  private static final HandlingSettings STANDARD = HandlingSettings.DEFAULT;

  private Timing() {}

  static HandlingSettings read(Section top) {
    return new HandlingSettings(deliverBy(top.table("deliver-by")), futureRelease(top.table("future-release")),
        priorities(top.table("priority")));
  }

  private static DeliverByTimes deliverBy(Section section) {
    var times = new DeliverByTimes(section.flag("offered", STANDARD.deliverBy().isOffered()),
        section.duration("minimum", STANDARD.deliverBy().least(), Duration.ZERO, DAY));
    section.finish();
    return times;
  }

  private static ReleaseTimes futureRelease(Section section) {
    var times = new ReleaseTimes(section.duration("longest", STANDARD.futureRelease().longest(), Duration.ZERO, YEARS),
        section.flag("for-trusted-clients", STANDARD.futureRelease().forTrusted()));
    section.finish();
    return times;
  }

  private static Priorities priorities(Section section) {
    var standard = STANDARD.priorities();
    var profile = section.parsed("profile", standard.profile().orElse(""),
        "at most 20 letters, digits and \"-_.\", or \"\" for none",
        text -> Optional.of(text).filter(name -> name.matches("[A-Za-z0-9._-]{0,20}")));
    var priorities = new Priorities(section.flag("offered", standard.isOffered()),
        Optional.of(profile).filter(name -> !name.isEmpty()), priority(section, "trusted", standard.trusted()),
        priority(section, "others", standard.others()));
    section.finish();
    return priorities;
  }

  private static Priority priority(Section section, String key, Priority standard) {
    return new Priority(section.count(key, standard.value(), -Priority.MOST, Priority.MOST));
  }
}
