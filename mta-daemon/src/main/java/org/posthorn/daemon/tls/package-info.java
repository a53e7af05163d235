/**
 * Our certificates: read from the files that ACME tools write, or made here; chosen by the name that a client asks for;
 * watched, and put in force without a restart.
 *
 * <p>PEM: RFC 7468; keys: RFC 5958, RFC 8017 appendix A, RFC 5915; certificates: RFC 5280; names: RFC 9525, RFC 6066 §3.
 */
@NullMarked
package org.posthorn.daemon.tls;

import org.jspecify.annotations.NullMarked;
