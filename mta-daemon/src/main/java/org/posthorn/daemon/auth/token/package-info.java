/** Tokens that an identity provider has signed (JWT, RFC 7519), checked against its published keys (RFC 7517). */
@NullMarked
package org.posthorn.daemon.auth.token;

import org.jspecify.annotations.NullMarked;
