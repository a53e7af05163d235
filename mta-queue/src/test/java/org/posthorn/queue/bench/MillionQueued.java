package org.posthorn.queue.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.posthorn.queue.Attempt;
import org.posthorn.queue.Delivery;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Destination;
import org.posthorn.queue.Dsn;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.Queue;
import org.posthorn.queue.QueueControl;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueIdSource;
import org.posthorn.queue.QueueSettings;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.queue.spool.SpoolSettings;
import org.posthorn.queue.storage.QueueStorage;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Mailbox;

/** Opens the queue of a data directory, and prints how long everything takes that an operator waits for. */
public final class MillionQueued {
  private static final PrintStream OUT = System.out;
  private static final String LINE = "%-28s %8d ms, %8d ms of CPU%n";

  private MillionQueued() {}

  /** Takes the data directory, {@code dead} or {@code deferring} destinations, seconds to run, {@code end} or {@code crash}. */
  public static void main(String[] arguments) throws InterruptedException {
    var directory = Path.of(arguments[0]);
    var delivery = new Site(arguments[1].equals("dead") ? Attempt.SiteState.UNREACHED : Attempt.SiteState.REACHED);
    var clock = InstantSource.system();
    long start = System.nanoTime();
    var storage = timed("open", () -> QueueStorage.open(directory, new LocalDisk(), SpoolSettings.DEFAULT,
        new QueueIdSource(clock, new Random())));
    OUT.println(storage.lastEnd());
    var stores = timed("reconcile", () -> storage.reconcile(delivery::destinationOf, clock));
    var queue = new Queue(stores, delivery, _ -> new Dsn(List.of(), new byte[0], BodyType.SEVEN_BIT, false),
        () -> QueueSettings.DEFAULT, clock, new Random());
    timed("start", () -> {
      queue.start();
      return queue;
    });
    OUT.printf(LINE, "all, the start of Java too", ManagementFactory.getRuntimeMXBean().getUptime(), cpuMillis());
    delivery.first.await();
    OUT.printf("%-28s %8d ms%n", "first attempt after all", millis(start));
    heap();
    TimeUnit.SECONDS.sleep(Integer.parseInt(arguments[2]));
    OUT.printf("%-28s %8d%n", "attempts", delivery.attempts.get());
    look(queue.control());
    heap();
    if (arguments[3].equals("crash")) {
      Runtime.getRuntime().halt(0);
    }
    timed("close queue", () -> {
      queue.close(Duration.ofSeconds(5));
      return queue;
    });
    timed("close storage", () -> {
      storage.close();
      return storage;
    });
    heap();
  }

  private static void look(QueueControl control) {
    OUT.println(timed("counts", control::counts));
    OUT.println(timed("counts again", control::counts));
    timed("destinations", control::destinations);
    OUT.println(timed("list one domain", () -> list(control, domain("d7.example"))));
    OUT.println(timed("list held", () -> list(control, new QueueFilter(List.of(), Optional.empty(), Optional.empty(),
        Optional.empty(), Optional.empty(), Optional.of(true)))));
    OUT.println(timed("list all", () -> list(control, QueueFilter.ALL)));
    OUT.println(timed("retry, dry run", () -> control.retry(QueueFilter.ALL, QueueControl.Mode.DRY_RUN)));
  }

  private static QueueFilter domain(String name) {
    return new QueueFilter(List.of(), Optional.empty(), Optional.empty(), Optional.of(name), Optional.empty(),
        Optional.empty());
  }

  private static long list(QueueControl control, QueueFilter filter) {
    var count = new AtomicLong();
    control.list(filter, _ -> count.incrementAndGet());
    return count.get();
  }

  private static <T> T timed(String what, Supplier<T> work) {
    long start = System.nanoTime();
    long cpu = cpuMillis();
    T result = work.get();
    OUT.printf(LINE, what, millis(start), cpuMillis() - cpu);
    return result;
  }

  private static long cpuMillis() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
  }

  private static long millis(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private static void heap() {
    System.gc();
    var memory = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    try {
      var peak = Files.readAllLines(Path.of("/proc/self/status"))
          .stream()
          .filter(line -> line.startsWith("VmHWM"))
          .toList();
      OUT.printf("%-28s %8d MiB after a collection, %s%n", "heap", memory.getUsed() >> 20, peak);
    } catch (IOException e) {
      OUT.println(e);
    }
  }

  private static final class Site implements Delivery {
    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicLong attempts = new AtomicLong();
    private final Attempt.SiteState state;

    private Site(Attempt.SiteState state) {
      this.state = state;
    }

    @Override
    public Destination destinationOf(Mailbox recipient) {
      return new Destination(recipient.host().toString());
    }

    @Override
    public Lane open(Destination destination) {
      return new Lane() {
        @Override
        public Attempt deliver(DeliveryTask task) {
          first.countDown();
          attempts.incrementAndGet();
          var outcomes = new HashMap<RecipientNumber, Outcome>();
          task.recipients()
              .forEach(recipient -> outcomes.put(recipient,
                  new Outcome.Deferred(Outcome.Diagnostic.ours("4.4.1", "nobody there"))));
          return new Attempt(outcomes, state);
        }

        @Override
        public void close() {
          // no connection
        }
      };
    }
  }
}
