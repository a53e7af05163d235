package org.posthorn.queue.h2;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.queue.QueueIndex;
import org.posthorn.queue.QueueIndexContract;

class H2QueueIndexTest extends QueueIndexContract {
  @TempDir
  Path directory;

  @Override
  protected QueueIndex open() throws IOException {
    return H2QueueIndex.open(Files.createDirectories(directory.resolve("with = odd ä name")));
  }
}
