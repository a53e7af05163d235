package org.posthorn.delivery;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.posthorn.queue.Destination;
import org.posthorn.smtp.Domain;

/** A server that has come for its mail, greeted. Used by one thread, and through {@link Visits} by lanes. */
public final class Visitor implements AutoCloseable {
  private final SmtpConnection connection;
  private final Visits visits;
  private final Set<Destination> destinations;

  private Visitor(SmtpConnection connection, Visits visits, Set<Destination> destinations) {
    this.connection = connection;
    this.visits = visits;
    this.destinations = Set.copyOf(destinations);
  }

  /** Says hello over {@code connection}, and lets lanes to {@code destinations} use it; throws IOException when it is no use. */
  static Visitor receive(SmtpConnection connection, Domain hostname, Visits visits, Set<Destination> destinations)
      throws IOException {
    var hello = connection.greet(hostname);
    if (!hello.isPositive() || !visits.begin(destinations, connection)) {
      connection.leave();
      throw new IOException("no use for this connection: " + hello);
    }
    connection.rest();
    return new Visitor(connection, visits, destinations);
  }

  /** Returns how it fares. */
  public Visits.Visit visit() {
    return visits.of(destinations);
  }

  /** Whether mail had to be put off since this was last asked because other mail took too long. */
  public boolean takePutOff() {
    return visits.takePutOff(destinations);
  }

  /** Whether nothing has gone over its connection for as long as a server is given for its reply to a command. */
  public boolean isIdle() {
    return visits.isIdle(destinations, connection.timeouts().command());
  }

  /** Waits for at most {@code longest}; returns whether it has gone. */
  public boolean awaitGone(Duration longest) throws InterruptedException {
    return visits.awaitOver(destinations, longest);
  }

  /** Lets the lane that uses it finish, and says goodbye. */
  @Override
  public void close() {
    visits.end(destinations);
    connection.quit();
  }
}
