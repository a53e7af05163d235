package org.posthorn.delivery;

import org.posthorn.delivery.tls.TlsSettings;
import org.posthorn.smtp.Domain;

/**
 * What the operator chose for outbound mail.
 *
 * @param hostname what we call ourselves in EHLO and LHLO
 * @param ourselves how to tell that a mail host is this one
 * @param port where mail hosts listen; default 25
 * @param maxMessages how many messages may travel over one connection, at least 1; default 100
 * @param timeouts how long to wait at each step
 * @param tls how much TLS servers must have, and whom it is believed
 * @param fields what servers are told by fields of the header
 */
public record DeliverySettings(Domain hostname, Ourselves ourselves, int port, int maxMessages,
    ClientTimeouts timeouts, TlsSettings tls, FieldSettings fields) {
  /** Where mail hosts listen (RFC 5321 §4.5.4.2). */
  public static final int SMTP_PORT = 25;
  /** How many messages travel over one connection. */
  public static final int MAX_MESSAGES = 100;

  /** Uses fields of the header as most do. */
  public DeliverySettings(Domain hostname, Ourselves ourselves, int port, int maxMessages, ClientTimeouts timeouts,
      TlsSettings tls) {
    this(hostname, ourselves, port, maxMessages, timeouts, tls, FieldSettings.DEFAULT);
  }

  public DeliverySettings {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("not a port: " + port);
    }
    if (maxMessages < 1) {
      throw new IllegalArgumentException("fewer than 1 message a connection: " + maxMessages);
    }
  }
}
