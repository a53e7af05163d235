/** Tests of the router and of the SMTP and LMTP client, against scripted servers on real sockets. */
@NullMarked
package org.posthorn.delivery;

import org.jspecify.annotations.NullMarked;
