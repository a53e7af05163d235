package org.posthorn.daemon.auth;

import org.posthorn.daemon.quota.SendingLimits;

/**
 * Who a client has proved to be.
 *
 * @param login whose secret was proved
 * @param actingAs whose rights the client has: the login itself, or another that the login may act as (RFC 4954 §4,
 *     authorization identity)
 * @param limits how much the login may send
 * @param mechanism the SASL name of how it was proved
 */
public record Identity(String login, Account actingAs, SendingLimits limits, String mechanism) {}
