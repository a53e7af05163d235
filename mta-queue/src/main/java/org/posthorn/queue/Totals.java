package org.posthorn.queue;

import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;

/** Counts what became of recipients since the start. Safe for use by many threads. */
final class Totals {
  final LongAdder delivered = new LongAdder();
  final LongAdder deferred = new LongAdder();
  final LongAdder bounced = new LongAdder();
  final LongAdder expired = new LongAdder();
  final LongAdder deleted = new LongAdder();

  void count(Collection<Verdict> verdicts) {
    for (var verdict : verdicts) {
      var counter = switch (verdict) {
        case Verdict.Done _ -> delivered;
        case Verdict.RetryAt _ -> deferred;
        case Verdict.Bounce _ -> bounced;
        case Verdict.Expire _ -> expired;
        case Verdict.Drop _ -> deleted;
      };
      counter.increment();
    }
  }
}
