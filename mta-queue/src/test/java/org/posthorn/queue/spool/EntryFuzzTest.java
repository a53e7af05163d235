package org.posthorn.queue.spool;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.List;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.spool.Disk.ReadableFile;

/** Whatever a file holds, reading it gives an entry or says that it is damaged. */
class EntryFuzzTest {
  private static final QueueId ID = new QueueId("0f3k9x2m1q7w5e8r");

  private record Bytes(byte[] bytes) implements ReadableFile {
    @Override
    public int read(byte[] into, int offset, int length, long position) {
      int count = (int) Math.min(length, bytes.length - position);
      if (count <= 0) {
        return -1;
      }
      System.arraycopy(bytes, (int) position, into, offset, count);
      return count;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void close() {
      // nothing is held
    }
  }

  @FuzzTest
  void aFileIsAnEntryOrDamaged(byte[] bytes) throws IOException {
    try {
      EntryReader.read(ID, new Bytes(bytes));
      try (var content = new ContentStream(new Bytes(bytes))) {
        content.readAllBytes();
      }
    } catch (DamagedEntryException _) {
      // as it should be
    }
  }

  /** The checksums hide what is behind them from a fuzzer, so here they are right. */
  @FuzzTest
  void anEnvelopeUnderARightChecksumIsReadOrDamaged(byte[] json) throws IOException {
    byte[] file = new byte[EntryHeader.BYTES + json.length];
    new EntryHeader(json.length, 0, Fields.crc(json, 0, json.length), 0).putInto(file);
    System.arraycopy(json, 0, file, EntryHeader.BYTES, json.length);
    aFileIsAnEntryOrDamaged(file);
  }

  @FuzzTest
  void eventRecordsAreReadOrCounted(byte[] bytes) {
    var parsed = EventRecords.parse(ID, bytes);
    int good = EventRecords.encode(ID, parsed.events()).length;
    if ((parsed.events().isEmpty() && parsed.torn() != bytes.length) || good < 0 || parsed.skipped() < 0) {
      throw new AssertionError("octets that are neither events nor counted: " + List.of(parsed));
    }
  }
}
