/**
 * The queue: the envelope, the spool that is the truth, its searchable index, the scheduler, and what becomes of a message.
 *
 * <p>The order on the way of a message: {@link org.posthorn.queue.Spool} keeps it, the scheduler
 * picks it, {@link org.posthorn.queue.Delivery} tries it, settlement decides what follows.
 */
@NullMarked
package org.posthorn.queue;

import org.jspecify.annotations.NullMarked;
