/** Shows what the disk holds when the power fails, whenever it fails, and that no mail is lost then. */
@NullMarked
package org.posthorn.queue.powercut;

import org.jspecify.annotations.NullMarked;
