/**
 * TLS as a client: how much of it a host must have, the handshake, and what the certificate of a server is worth.
 *
 * <p>RFC 3207, RFC 8446, RFC 9525. Who is to be asked for what stands in the package above.
 */
@NullMarked
package org.posthorn.delivery.tls;

import org.jspecify.annotations.NullMarked;
