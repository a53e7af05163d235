package org.posthorn.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.posthorn.queue.Outcome.Diagnostic;
import org.posthorn.smtp.EnhancedStatus;
import org.posthorn.smtp.Mailbox;

/** Delivers as told, by recipient or destination, and remembers the tasks. Each host is a destination of its own. */
public final class FixedDelivery implements Delivery {
  /** What becomes of a task. */
  @FunctionalInterface
  public interface Behaviour {
    /** Returns what became of {@code task}. */
    Attempt attempt(DeliveryTask task) throws InterruptedException;
  }

  /** Everything arrives. */
  public static final Behaviour SENT = each(
      new Outcome.Delivered(new Diagnostic(EnhancedStatus.of("2.0.0"), "250 2.0.0 ok", true,
          Optional.of(new RemoteMta("mx.example.net", "192.0.2.1:25"))), Outcome.Handover.NEXT_HOP));
  /** The host takes it later, perhaps. */
  public static final Behaviour DEFERRED = each(new Outcome.Deferred(Diagnostic.ours("4.2.2", "mailbox full")));
  /** The host never takes it. */
  public static final Behaviour FAILED = each(new Outcome.Failed(Diagnostic.ours("5.1.1", "no such user")));
  /** Nobody answers. */
  public static final Behaviour UNREACHED = task -> new Attempt(
      outcomes(task, new Outcome.Deferred(Diagnostic.ours("4.4.1", "connection timed out"))),
      Attempt.SiteState.UNREACHED);

  private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
  private final Map<String, String> routes = new ConcurrentHashMap<>();
  private final AtomicInteger questionsLeft = new AtomicInteger(-1);
  private volatile Runnable afterQuestions = () -> {};
  private final List<DeliveryTask> tasks = new CopyOnWriteArrayList<>();
  private final List<Destination> opened = new CopyOnWriteArrayList<>();

  /** Returns a behaviour that gives each recipient {@code outcome}, from a destination that answers. */
  public static Behaviour each(Outcome outcome) {
    return task -> new Attempt(outcomes(task, outcome), Attempt.SiteState.REACHED);
  }

  private static Map<RecipientNumber, Outcome> outcomes(DeliveryTask task, Outcome outcome) {
    var all = new HashMap<RecipientNumber, Outcome>();
    task.recipients().forEach(recipient -> all.put(recipient, outcome));
    return all;
  }

  /** Treats tasks for {@code destination} like this from now on. */
  public void at(String destination, Behaviour behaviour) {
    behaviours.put(destination, behaviour);
  }

  /** Sends mail for {@code host} to {@code destination} from now on. */
  public void route(String host, String destination) {
    routes.put(host, destination);
  }

  /** Sends mail for {@code host} to {@code destination} as soon as it was asked {@code questions} more times. */
  public void routeAfter(int questions, String host, String destination) {
    questionsLeft.set(questions);
    afterQuestions = () -> route(host, destination);
  }

  /** Returns the tasks that were tried, in order. */
  public List<DeliveryTask> tasks() {
    return List.copyOf(tasks);
  }

  /** Returns the addresses that were tried, in order. */
  public List<String> tried() {
    var tried = new ArrayList<String>();
    tasks.forEach(task -> task.recipients()
        .forEach(recipient -> tried.add(task.message().envelope().recipient(recipient).address().toString())));
    return tried;
  }

  /** Returns the destinations that lanes were opened to, in order. */
  public List<Destination> opened() {
    return List.copyOf(opened);
  }

  @Override
  public Destination destinationOf(Mailbox recipient) {
    if (questionsLeft.getAndDecrement() == 0) {
      afterQuestions.run();
    }
    return new Destination(routes.getOrDefault(recipient.host().toString(), recipient.host().toString()));
  }

  @Override
  public Lane open(Destination destination) {
    opened.add(destination);
    return new Lane() {
      @Override
      public Attempt deliver(DeliveryTask task) throws InterruptedException {
        tasks.add(task);
        return behaviours.getOrDefault(destination.name(), SENT).attempt(task);
      }

      @Override
      public void close() {
        // no connection
      }
    };
  }
}
