package org.posthorn.delivery;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.util.Optional;
import org.posthorn.queue.RemoteTls;
import org.posthorn.smtp.MailHost;

/**
 * A connection that somebody else opened, and over which that side now waits for mail as a server (RFC 2645 §5.3).
 *
 * @param host how logs name the other side
 * @param address where it is
 * @param tls how the connection is encrypted, if it is
 * @param in what it sends
 * @param out what it gets
 * @param socket ends all that waits for either of them when it is closed
 */
public record Reversed(MailHost host, SocketAddress address, Optional<RemoteTls> tls, InputStream in, OutputStream out,
    Closeable socket) {}
