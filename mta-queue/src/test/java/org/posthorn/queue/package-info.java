/** Tests of the queue, and fakes of its ports that other modules share. */
@NullMarked
package org.posthorn.queue;

import org.jspecify.annotations.NullMarked;
