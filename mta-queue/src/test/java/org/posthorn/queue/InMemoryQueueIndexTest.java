package org.posthorn.queue;

class InMemoryQueueIndexTest extends QueueIndexContract {
  @Override
  protected QueueIndex open() {
    return new InMemoryQueueIndex();
  }
}
