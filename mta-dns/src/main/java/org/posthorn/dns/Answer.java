package org.posthorn.dns;

import java.time.Duration;
import java.util.List;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/** What the DNS said to one question. */
sealed interface Answer {
  /** At least one record of the type asked for, CNAMEs followed. */
  record Records(List<Record> records, Duration ttl) implements Answer {}

  /** The name is another name for {@code target}, about which the server said nothing. */
  record Alias(Name target, Duration ttl) implements Answer {}

  /** The name exists without a record of the type. */
  record NoData(Duration ttl) implements Answer {}

  /** The name does not exist (NXDOMAIN). */
  record NoSuchName(Duration ttl) implements Answer {}

  /** Nobody gave a usable answer; {@code reason} names servers and question. */
  record Failure(String reason) implements Answer {}

  /** Returns how long it may be remembered: what the records say, zero for a failure. */
  default Duration timeToLive() {
    return switch (this) {
      case Records(_, var ttl) -> ttl;
      case Alias(_, var ttl) -> ttl;
      case NoData(var ttl) -> ttl;
      case NoSuchName(var ttl) -> ttl;
      case Failure _ -> Duration.ZERO;
    };
  }
}
