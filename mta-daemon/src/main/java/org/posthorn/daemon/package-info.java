/** The daemon: all parts put together, started and stopped. Where to begin reading: {@link org.posthorn.daemon.Mta}. */
@NullMarked
package org.posthorn.daemon;

import org.jspecify.annotations.NullMarked;
