/**
 * What became of messages, for their senders: the book of those that are tracked (RFC 3885), and the server that answers
 * for it (MTQP, RFC 3887).
 */
@NullMarked
package org.posthorn.daemon.tracking;

import org.jspecify.annotations.NullMarked;
