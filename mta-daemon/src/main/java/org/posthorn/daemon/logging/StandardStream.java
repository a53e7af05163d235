package org.posthorn.daemon.logging;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Standard output or standard error, without the encoding of {@link System#out}. Closing it leaves the stream open. */
final class StandardStream extends OutputStream {
  private final FileOutputStream stream;

  private StandardStream(FileDescriptor descriptor) {
    stream = new FileOutputStream(descriptor);
  }

  static StandardStream out() {
    return new StandardStream(FileDescriptor.out);
  }

  static StandardStream err() {
    return new StandardStream(FileDescriptor.err);
  }

  @Override
  public void write(int octet) throws IOException {
    stream.write(octet);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    stream.write(bytes, offset, length);
  }
}
