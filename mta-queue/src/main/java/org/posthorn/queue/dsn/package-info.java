/**
 * Delivery status notifications: what a sender is told of a message (RFC 3461 §6, 3464, 6522, 6533).
 *
 * <p>Start at {@link org.posthorn.queue.dsn.DsnComposer}.
 */
@NullMarked
package org.posthorn.queue.dsn;

import org.jspecify.annotations.NullMarked;
