package org.posthorn.queue;

import java.io.IOException;
import java.io.InputStream;

/** The content of a queued message: header section and body, lines ending in CRLF, no dot-stuffing. */
public interface MessageContent {
  /** Returns the length in octets. */
  long size();

  /** Opens the content from its first octet; the caller closes it. May be called again, by any thread. */
  InputStream open() throws IOException;
}
