/**
 * Receiving mail: the session's state machine, who may send to whom, aliases, and the way of a message into the spool.
 *
 * <p>Plain values and state machines: a session is driven with commands and octets and answers with what to do next. It
 * knows no socket, no buffer and no thread, so tests drive it with strings; {@code …inbound.netty} drives it from the
 * network. Commands: RFC 5321 §4.1; relay policy: RFC 5321 §3.6, §7.9; trace: RFC 5321 §4.4.
 */
@NullMarked
package org.posthorn.daemon.inbound;

import org.jspecify.annotations.NullMarked;
