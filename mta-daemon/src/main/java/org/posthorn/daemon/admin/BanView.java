package org.posthorn.daemon.admin;

import java.time.Instant;
import org.posthorn.daemon.auth.LoginGuard;

/**
 * A ban as it is shown.
 *
 * @param who a client network or a login
 * @param until when it ends by itself
 */
public record BanView(String who, Instant until) {
  static BanView of(LoginGuard.Ban ban) {
    return new BanView(ban.what(), ban.until());
  }
}
