package org.posthorn.daemon.admin;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the Java heap takes of the machine, and what collecting its garbage costs. */
final class HeapMetrics {
  private static final double MILLIS = 1000;

  private HeapMetrics() {}

  static void addTo(Metrics metrics) {
    var heap = metrics.oncePerPage(() -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage());
    metrics.gauge("posthorn_heap_bytes", "Memory in use by the Java heap, garbage included",
        () -> heap.get().getUsed());
    metrics.gauge("posthorn_heap_after_collection_bytes", "What was in use after the last collection of garbage",
        () -> afterCollection().orElse(heap.get().getUsed()));
    metrics.gauge("posthorn_heap_committed_bytes", "What the Java heap has of the machine's memory",
        () -> heap.get().getCommitted());
    metrics.gauge("posthorn_heap_limit_bytes", "What it may have at most", () -> heap.get().getMax());
    metrics.counter("posthorn_heap_collection_seconds_total", "Time that collections of garbage took",
        () -> collectors().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum() / MILLIS);
  }

  /** Returns the octets of heap in use after the last collection, also of one that left old garbage where it was. */
  private static Optional<Long> afterCollection() {
    var pools = ManagementFactory.getMemoryPoolMXBeans()
        .stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getName)
        .collect(Collectors.toSet());
    return collectors().flatMap(collector -> Stream.ofNullable(collector.getLastGcInfo()))
        .max(Comparator.comparingLong(GcInfo::getEndTime))
        .map(GcInfo::getMemoryUsageAfterGc)
        .map(after -> after.entrySet()
            .stream()
            .filter(pool -> pools.contains(pool.getKey()))
            .mapToLong(pool -> pool.getValue().getUsed())
            .sum());
  }

  private static Stream<GarbageCollectorMXBean> collectors() {
    return ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class).stream();
  }
}
