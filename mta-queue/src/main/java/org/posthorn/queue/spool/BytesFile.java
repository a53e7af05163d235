package org.posthorn.queue.spool;

/**
 * A file that is in memory.
 *
 * @param bytes holds it
 * @param length its length in octets, which may be less than that of {@code bytes}
 */
record BytesFile(byte[] bytes, int length) implements Disk.ReadableFile {
  @Override
  public int read(byte[] target, int offset, int wanted, long position) {
    int count = (int) Math.min(wanted, length - position);
    if (count <= 0) {
      return -1;
    }
    System.arraycopy(bytes, (int) position, target, offset, count);
    return count;
  }

  @Override
  public long size() {
    return length;
  }

  @Override
  public void close() {
    // nothing is open
  }
}
