package org.posthorn.delivery.mailbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Puts {@code >} before each line that consists of any number of {@code >} and begins with {@code From } behind them, so
 * that it neither looks like the start of a message nor loses anything when it is read: the mboxrd variant of mbox.
 */
final class FromQuoting implements StoredForm.LineSink {
  private static final byte[] FROM = "From ".getBytes(StandardCharsets.US_ASCII);

  private final StoredForm.LineSink out;
  private boolean atLineStart = true;
  private long marks;
  private int matched;

  /** Writes to {@code out}. */
  FromQuoting(StoredForm.LineSink out) {
    this.out = out;
  }

  @Override
  public void put(int octet) throws IOException {
    if (!atLineStart) {
      pass(octet);
    } else if (octet == '>' && matched == 0) {
      marks++;
    } else if (octet != FROM[matched]) {
      release();
      pass(octet);
    } else if (++matched == FROM.length) {
      out.put('>');
      release();
    }
  }

  private void release() throws IOException {
    for (; marks > 0; marks--) {
      out.put('>');
    }
    for (int i = 0; i < matched; i++) {
      out.put(FROM[i]);
    }
    matched = 0;
    atLineStart = false;
  }

  private void pass(int octet) throws IOException {
    out.put(octet);
    atLineStart = octet == '\n';
  }
}
