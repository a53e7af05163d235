/**
 * The command line: {@code posthorn run}, what an operator asks of a running daemon, and the program that others know as
 * sendmail.
 *
 * <p>{@link org.posthorn.daemon.cli.CommandLineTool} is where it starts. Exit codes: 0 done, 1 refused or failed, 2 wrong
 * usage or settings; sendmail's are those of sysexits(3).
 */
@NullMarked
package org.posthorn.daemon.cli;

import org.jspecify.annotations.NullMarked;
