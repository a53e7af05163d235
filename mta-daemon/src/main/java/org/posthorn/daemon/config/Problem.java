package org.posthorn.daemon.config;

/**
 * One thing that is wrong with the settings.
 *
 * @param file the file, as the operator named it
 * @param line from 1; 0 when the problem is not at any one place
 * @param column from 1; 0 when the line is 0
 * @param text what is wrong, with the key, and what is allowed
 */
public record Problem(String file, int line, int column, String text) {
  /** Returns {@code file:line:column: text}, as compilers do, so that editors can jump there. */
  @Override
  public String toString() {
    return file + ":" + (line == 0 ? "" : line + ":" + column + ":") + " " + text;
  }
}
