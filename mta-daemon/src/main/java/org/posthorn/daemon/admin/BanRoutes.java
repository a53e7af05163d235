package org.posthorn.daemon.admin;

import java.util.Optional;
import org.posthorn.daemon.auth.LoginGuard;

/** What is served under {@code /bans}: who cannot log in for guessing. */
public final class BanRoutes {
  private final LoginGuard guard;

  /** Serves what {@code guard} knows. */
  public BanRoutes(LoginGuard guard) {
    this.guard = guard;
  }

  /** Answers; empty when there is nothing of this name. */
  Optional<AdminAnswer> answer(AdminRequest request) {
    return switch (request.method() + " " + request.path()) {
      case "GET /bans" -> Optional.of(Json.ok(guard.bans().stream().map(BanView::of).toList()));
      case "POST /bans/release" -> Optional.of(release(request));
      default -> Optional.empty();
    };
  }

  private AdminAnswer release(AdminRequest request) {
    String who = request.one("who").orElseThrow(() -> new BadRequest("which network or login?"));
    return guard.release(who) ? Json.ok(new Changed(1)) : Json.error(404, "no failed login is known of " + who);
  }
}
