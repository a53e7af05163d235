package org.posthorn.daemon.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which messages a command means: all that is given must match. Picocli fills it in. */
final class FilterOptions {
  @Parameters(paramLabel = "ID", arity = "0..*", description = "Messages with one of these ids.")
  private List<String> ids = List.of();

  @Option(names = "--sender", paramLabel = "ADDRESS", description = "Messages of this sender; \"\" for the null sender.")
  private Optional<String> sender = Optional.empty();

  @Option(names = "--recipient", paramLabel = "ADDRESS", description = "Messages that wait for this recipient.")
  private Optional<String> recipient = Optional.empty();

  @Option(names = "--domain", paramLabel = "DOMAIN", description = "Messages that wait for a recipient in this domain.")
  private Optional<String> domain = Optional.empty();

  @Option(names = "--age", paramLabel = "DURATION", description = "Messages older than this, such as 30m, 4h or 2d.")
  private Optional<String> age = Optional.empty();

  @Option(names = "--held", description = "Messages on hold.")
  private boolean isHeld;

  @Option(names = "--scheduled", description = "Messages that wait for a time that their senders have set.")
  private boolean isScheduled;

  /** Returns the parameters of the request. */
  Map<String, List<String>> query() {
    var query = new LinkedHashMap<String, List<String>>();
    if (!ids.isEmpty()) {
      query.put("id", ids);
    }
    sender.ifPresent(value -> query.put("sender", List.of(value)));
    recipient.ifPresent(value -> query.put("recipient", List.of(value)));
    domain.ifPresent(value -> query.put("domain", List.of(value)));
    age.ifPresent(value -> query.put("age", List.of(value)));
    if (isHeld) {
      query.put("held", List.of("true"));
    }
    if (isScheduled) {
      query.put("scheduled", List.of("true"));
    }
    return query;
  }
}
