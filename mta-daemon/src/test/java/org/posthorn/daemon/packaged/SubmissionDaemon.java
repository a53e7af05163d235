package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.posthorn.testkit.FreePort;

/**
 * The packaged daemon as people's programs find it: by STARTTLS and by TLS at once, for who logs in. Nobody is trusted for
 * where it is, and guessing is not slowed.
 */
final class SubmissionDaemon {
  /** Who can log in. */
  static final String ALICE = "alice@here.example";

  private final PackagedDaemon daemon;
  private final int startTls;
  private final int implicitTls;

  private SubmissionDaemon(PackagedDaemon daemon, int startTls, int implicitTls) {
    this.daemon = daemon;
    this.startTls = startTls;
    this.implicitTls = implicitTls;
  }

  /**
   * Starts it with its home in {@code folder}.
   *
   * @param password that of alice; {@code options} say how it is kept
   * @param more keys of {@code [auth]} and tables beyond the usual ones
   */
  static SubmissionDaemon start(Path folder, String password, String more, String... options) throws Exception {
    int startTls = FreePort.find();
    int implicitTls = FreePort.find();
    var daemon = PackagedDaemon.start(folder, """
                                              [[listener]]
                                              address = "127.0.0.1:%d"
                                              kind = "submission"
                                              [[listener]]
                                              address = "127.0.0.1:%d"
                                              kind = "submissions"
                                              [relay]
                                              trusted-networks = ["192.0.2.0/24"]
                                              [auth]
                                              users-file = "users.toml"
                                              failure-delay = "0s"
                                              password-wait = "1m"
                                              failures-per-client = 1000
                                              """.formatted(startTls, implicitTls) + more);
    var add = new ArrayList<>(List.of("user", "add", ALICE));
    add.addAll(List.of(options));
    assertThat(daemon.commandWithInput(password + "\n", add.toArray(String[]::new)).exit()).isZero();
    return new SubmissionDaemon(daemon, startTls, implicitTls);
  }

  PackagedDaemon daemon() {
    return daemon;
  }

  /** Returns the port for STARTTLS. */
  int startTls() {
    return startTls;
  }

  /** Returns the port for TLS at once. */
  int implicitTls() {
    return implicitTls;
  }

  /** Stops it, which must go well. */
  void stop() throws InterruptedException {
    assertThat(daemon.stop()).isZero();
    daemon.close();
  }
}
