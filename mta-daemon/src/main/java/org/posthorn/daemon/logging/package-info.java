/**
 * The mail log: one event a line, as {@code key=value} text or as JSON, to standard output or a file.
 *
 * <p>Logback is set up in code: reading its XML would cost a tenth of a second at each start of the command line.
 */
@NullMarked
package org.posthorn.daemon.logging;

import org.jspecify.annotations.NullMarked;
