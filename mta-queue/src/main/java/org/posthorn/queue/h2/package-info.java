/**
 * The index of the queue in an H2 database: {@link org.posthorn.queue.h2.H2QueueIndex}. All SQL is here, in what PostgreSQL
 * speaks too.
 */
@NullMarked
package org.posthorn.queue.h2;

import org.jspecify.annotations.NullMarked;
