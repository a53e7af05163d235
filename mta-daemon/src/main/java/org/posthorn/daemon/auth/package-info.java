/**
 * Who a client is: SASL mechanisms on the server's side (RFC 4422), the accounts that they are checked against, and what
 * slows down who guesses.
 *
 * <p>Mechanisms are state machines: octets of the client in, {@link org.posthorn.daemon.auth.SaslStep} out. They know
 * neither socket nor clock; a step may take the time that hashing a password takes.
 */
@NullMarked
package org.posthorn.daemon.auth;

import org.jspecify.annotations.NullMarked;
