package org.posthorn.daemon.inbound;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.util.function.BooleanSupplier;

/**
 * A client's connection once the roles are reversed (RFC 2645 §5.3). Reading and writing block.
 *
 * @param client who it is, and how the connection is encrypted
 * @param address where it connected from, or its proxy
 * @param in what it sends
 * @param out what it gets
 * @param isOpen whether it is still there
 * @param socket closes it
 */
public record Turned(Client client, SocketAddress address, InputStream in, OutputStream out, BooleanSupplier isOpen,
    Closeable socket) {}
