package org.posthorn.daemon.tracking;

import java.time.Duration;
import org.posthorn.smtp.Domain;

/**
 * On what terms questions are answered.
 *
 * @param hostname our name
 * @param connections served at once
 * @param perClient of them from one IPv4 address or one IPv6 /64
 * @param handshake until a TLS handshake is done
 */
public record MtqpTerms(Domain hostname, int connections, int perClient, Duration handshake) {}
