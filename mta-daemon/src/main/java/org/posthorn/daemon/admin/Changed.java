package org.posthorn.daemon.admin;

import java.util.List;

/**
 * What a command acted on, or would act on.
 *
 * @param messages how many messages
 * @param missing ids that were named and are not in the queue
 */
public record Changed(long messages, List<String> missing) {
  public Changed {
    missing = List.copyOf(missing);
  }

  /** All that was named was there. */
  Changed(long messages) {
    this(messages, List.of());
  }
}
