/**
 * The network side of receiving mail, on Netty's event loops: accepts connections, frames lines and data, drives the
 * session, sends its replies. Nothing of Netty passes out of this package.
 */
@NullMarked
package org.posthorn.daemon.inbound.netty;

import org.jspecify.annotations.NullMarked;
