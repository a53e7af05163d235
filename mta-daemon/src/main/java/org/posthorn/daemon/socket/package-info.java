/** Unix sockets that the daemon listens on: made so that nobody connects too early, and replaced only when nobody listens. */
@NullMarked
package org.posthorn.daemon.socket;

import org.jspecify.annotations.NullMarked;
