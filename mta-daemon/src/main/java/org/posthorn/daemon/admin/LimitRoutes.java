package org.posthorn.daemon.admin;

import java.util.Optional;
import org.posthorn.daemon.quota.Quotas;

/** What is served under {@code /limits}: how much everybody has sent who has limits. */
public final class LimitRoutes {
  private final Quotas quotas;

  /** Serves what {@code quotas} has counted. */
  public LimitRoutes(Quotas quotas) {
    this.quotas = quotas;
  }

  /** Answers; empty when there is nothing of this name. */
  Optional<AdminAnswer> answer(AdminRequest request) {
    return switch (request.method() + " " + request.path()) {
      case "GET /limits" -> Optional.of(Json.ok(quotas.usage().stream().map(UsageView::of).toList()));
      case "POST /limits/release" -> Optional.of(release(request));
      default -> Optional.empty();
    };
  }

  private AdminAnswer release(AdminRequest request) {
    String who = request.one("who").orElseThrow(() -> new BadRequest("which user or client?"));
    return quotas.release(who) ? Json.ok(new Changed(1)) : Json.error(404, "nothing was counted for " + who);
  }
}
