/** Tests of the daemon as it is shipped: unpacked from its archive, run as a process, used from outside. */
@NullMarked
package org.posthorn.daemon.packaged;

import org.jspecify.annotations.NullMarked;
