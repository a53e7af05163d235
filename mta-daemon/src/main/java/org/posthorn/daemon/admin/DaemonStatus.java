package org.posthorn.daemon.admin;

import java.time.Instant;
import java.util.List;
import org.posthorn.daemon.inbound.CheckpointFill;
import org.posthorn.daemon.tls.CertificateState;

/**
 * How a daemon is.
 *
 * @param version of the program
 * @param pid of its process
 * @param startedAt when it was ready
 * @param state what it does
 * @param settings the file in force
 * @param hostname its name
 * @param listeners where it listens: {@code address:port}, or the path of a Unix socket
 * @param dataDirectory where its data is
 * @param freeBytes on the disk of the data directory
 * @param connections of clients, open now
 * @param checkpoint what is kept of messages that broke off
 * @param certificates what we show clients under TLS
 * @param traffic what has come in, by kind of listener
 * @param tracking how the tracking server is
 * @param visits servers that have come for their mail, now
 */
public record DaemonStatus(String version, long pid, Instant startedAt, State state, String settings, String hostname,
    List<String> listeners, String dataDirectory, long freeBytes, int connections,
    CheckpointFill checkpoint, List<CertificateState> certificates, List<ListenerView> traffic,
    TrackingView tracking, List<VisitView> visits) {
  /** What a daemon does. */
  public enum State {
    /** Takes mail and delivers it. */
    SERVING,
    /** Delivers, but takes no mail, because the disk is full or the index cannot follow. */
    REFUSING,
    /** Finishes what is under way, then ends. */
    STOPPING
  }

  public DaemonStatus {
    listeners = List.copyOf(listeners);
    certificates = List.copyOf(certificates);
    traffic = List.copyOf(traffic);
    visits = List.copyOf(visits);
  }
}
