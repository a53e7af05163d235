/**
 * How an operator talks to a running daemon: HTTP with JSON over a Unix socket that only the daemon's own user can open,
 * so that the permissions of a file are all the authentication there is. Metrics may be served by TCP too.
 *
 * <p>{@link org.posthorn.daemon.admin.AdminServer} is the daemon's end, {@link org.posthorn.daemon.admin.AdminClient} that
 * of the command line.
 */
@NullMarked
package org.posthorn.daemon.admin;

import org.jspecify.annotations.NullMarked;
