/** Tests of the spool, and disks for them that fail or lose their power. */
@NullMarked
package org.posthorn.queue.spool;

import org.jspecify.annotations.NullMarked;
