/** The data directory: spool and index put together, {@link org.posthorn.queue.storage.QueueStorage}. */
@NullMarked
package org.posthorn.queue.storage;

import org.jspecify.annotations.NullMarked;
