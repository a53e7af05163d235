/**
 * The spool as files: one self-contained file for each message, and nothing is acknowledged before it is on stable storage.
 *
 * <p>{@link org.posthorn.queue.spool.FileSpool} is the entrance. What a file looks like stands at
 * {@code EntryHeader}; all access to the disk goes through {@link org.posthorn.queue.spool.Disk}, so that tests can make it
 * fail at any step.
 */
@NullMarked
package org.posthorn.queue.spool;

import org.jspecify.annotations.NullMarked;
