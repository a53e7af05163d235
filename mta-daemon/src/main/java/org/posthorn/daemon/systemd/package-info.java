/** What systemd is told about the life of this process (sd_notify(3)), by the foreign function interface alone. */
@NullMarked
package org.posthorn.daemon.systemd;

import org.jspecify.annotations.NullMarked;
