package org.posthorn.daemon.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.inbound.InboundRules;
import org.posthorn.daemon.inbound.ListenerSettings;
import org.posthorn.daemon.tls.TlsSettings;
import org.posthorn.daemon.tracking.TrackingSettings;
import org.posthorn.delivery.DeliverySettings;
import org.posthorn.delivery.Routes;
import org.posthorn.delivery.mailbox.MailboxSettings;
import org.posthorn.dns.DnsSettings;
import org.posthorn.queue.QueueSettings;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.smtp.Domain;

/**
 * All settings, checked, in the form in which the parts of the daemon take them. One component for each part, hence so
 * many.
 *
 * @param hostname our name in the greeting, EHLO and {@code Received:}
 * @param dataDirectory holds spool, index and admin socket; absolute
 * @param listeners where mail is taken
 * @param tls how connections to us are encrypted
 * @param inbound how mail is taken, and who may send where
 * @param mailboxes how mail is kept here
 * @param dns how the DNS is asked
 * @param routes where mail goes
 * @param delivery how it goes there
 * @param queue when and how hard it is tried
 * @param spool how mail is kept safe meanwhile
 * @param returnedBytes how much of a message a bounce returns at most, in octets
 * @param log what is logged
 * @param tracking whether and how senders track their messages
 * @param admin how an operator talks to the daemon
 */
public record Configuration(Domain hostname, Path dataDirectory, List<ListenerSettings> listeners, TlsSettings tls,
    InboundRules inbound, MailboxSettings mailboxes, DnsSettings dns, Routes routes, DeliverySettings delivery,
    QueueSettings queue,
    SpoolSettings spool, long returnedBytes, Log log, TrackingSettings tracking,
    Admin admin) {
  public Configuration {
    listeners = List.copyOf(listeners);
  }

  /** How a log line looks. */
  public enum LogFormat {
    /** {@code key=value}, for people and grep. */
    TEXT,
    /** One JSON object a line. */
    JSON
  }

  /** What is logged. */
  public enum LogLevel {
    /** What the operator must act on. */
    ERROR,
    /** And what is odd. */
    WARN,
    /** And the life of every message. */
    INFO,
    /** And every dialogue. */
    DEBUG
  }

  /** The log: how, where to (standard output without a file), and how much. */
  public record Log(LogFormat format, Optional<Path> file, LogLevel level) {}

  /** The admin endpoint: its Unix socket, and where metrics are served by TCP, if anywhere. */
  public record Admin(Path socket, Optional<InetSocketAddress> metricsAddress) {}
}
