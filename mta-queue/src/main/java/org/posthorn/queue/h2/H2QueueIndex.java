package org.posthorn.queue.h2;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.posthorn.queue.Destination;
import org.posthorn.queue.QueueFilter;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueueIndex;
import org.posthorn.queue.Spool;
import org.posthorn.queue.StoreException;
import org.posthorn.smtp.MailHost;

/**
 * The index of the queue in an H2 database, in the file {@code index.mv.db}. Changes go over one connection and questions
 * over another, each with a thread of its own.
 *
 * <p>A database that another process has open is a {@link StoreException}. One that cannot be used
 * for any other reason is moved aside, and an empty one takes its place, see {@link #emptyBecause}: the queue can always be
 * told from the spool.
 */
public final class H2QueueIndex implements QueueIndex {
  private static final int IDS_A_PAGE = 1_000;

  private record Length(QueueId id, long bytes) {}

  /** A step of filling. */
  private interface FillStep {
    void run(H2Lane.Statements statements) throws SQLException;
  }

  private final H2Lane writing;
  private final H2Lane reading;
  private final Timetable timetable;
  private final Optional<String> emptyBecause;
  /** The highest first; only ever grows, so that no reader can take back what a writer added meanwhile. */
  private final Set<Integer> priorities = new ConcurrentSkipListSet<>(Comparator.<Integer>reverseOrder());
  private volatile boolean arePrioritiesRead;

  private H2QueueIndex(H2Lane writing, H2Lane reading, Optional<String> emptyBecause) {
    this.writing = writing;
    this.reading = reading;
    this.timetable = new Timetable(reading);
    this.emptyBecause = emptyBecause;
  }

  /** Opens the index in {@code directory}, which must exist. */
  public static H2QueueIndex open(Path directory) {
    var file = new H2File(directory);
    return open(file, file.prepare());
  }

  /** Moves the index in {@code directory} aside, which turned out to be useless, and opens an empty one. */
  public static H2QueueIndex replace(Path directory) {
    var file = new H2File(directory);
    return open(file, file.replace());
  }

  private static H2QueueIndex open(H2File file, Optional<String> emptyBecause) {
    var connections = new H2Connections(file::connect);
    return new H2QueueIndex(new H2Lane("index-write", connections, file::suspect),
        new H2Lane("index-read", connections, file::suspect), emptyBecause);
  }

  /** Returns why the index was empty when it was opened, so that it must be filled from the spool; empty when it was not. */
  public Optional<String> emptyBecause() {
    return emptyBecause;
  }

  @Override
  public List<Runnable> crossChecks() {
    return List.of(() -> check(reading, CrossCheck::objectionToMessages),
        () -> check(writing, CrossCheck::objectionToRecipients));
  }

  private interface Check {
    Optional<String> run(CrossCheck check) throws SQLException;
  }

  private static void check(H2Lane lane, Check check) {
    var objection = lane.run("check the index", statements -> check.run(new CrossCheck(statements)));
    if (objection.isPresent()) {
      throw new StoreException(objection.get());
    }
  }

  @Override
  public void apply(Changes changes) {
    learn(changes.added());
    writing.run("write the index", statements -> {
      new ChangeWriter(statements).apply(changes);
      return changes;
    });
  }

  @Override
  public List<Integer> priorities() {
    if (!arePrioritiesRead) {
      priorities.add(0);
      priorities.addAll(reading.run("read the priorities",
          statements -> list(statements.prepare("select priority from urgency"), row -> row.getInt(1))));
      arePrioritiesRead = true;
    }
    return List.copyOf(priorities);
  }

  /** A message to be added may be of a new priority, which has to be known before the message can be found. */
  private void learn(Collection<Addition> additions) {
    priorities.addAll(Keys.priorities(additions));
  }

  @Override
  public List<Row> due(Destination destination, int priority, Instant now, int limit, Set<QueueId> leased) {
    return timetable.due(destination, priority, now, limit, leased);
  }

  @Override
  public List<Aged> oldest(Destination destination, Told told, int limit, Set<QueueId> leased) {
    return timetable.oldest(destination, told, limit, leased);
  }

  @Override
  public List<Deadline> deadlines(Deadline last, int limit) {
    return timetable.deadlines(last, limit);
  }

  @Override
  public long scheduled(Instant now) {
    return timetable.scheduled(now);
  }

  @Override
  public List<Scheduled> scheduledFor(String account, Instant now, int limit) {
    return timetable.scheduledFor(account, now, limit);
  }

  @Override
  public List<ScheduledTotal> scheduledByAccount(Instant now) {
    return timetable.scheduledByAccount(now);
  }

  @Override
  public List<Waiting> waiting() {
    return timetable.waiting(priorities());
  }

  @Override
  public Size size() {
    return reading.run("count", statements -> list(
        statements.prepare("select coalesce(sum(waiting), 0), coalesce(sum(held), 0) from domain"),
        row -> new Size(row.getLong(1), row.getLong(2))).getFirst());
  }

  @Override
  public void find(QueueFilter filter, Consumer<Listing> visitor) {
    new Search(reading, filter).forEach(visitor);
  }

  @Override
  public void reschedule(List<QueueId> ids, Instant due) {
    writing.run("reschedule", statements -> {
      var moment = statements.prepare("update moment set release = null where id = ? and release > ?");
      var update = statements.prepare("update recipient set due = ? where id = ? and due > ?");
      for (var id : ids) {
        update.setLong(1, Times.millis(due));
        update.setString(2, id.value());
        update.setLong(3, Times.millis(due));
        update.addBatch();
        moment.setString(1, id.value());
        moment.setLong(2, Times.millis(due));
        moment.addBatch();
      }
      update.executeBatch();
      moment.executeBatch();
      return ids;
    });
  }

  @Override
  public void setHeld(List<QueueId> ids, boolean held) {
    writing.run("hold or release", statements -> {
      new ChangeWriter(statements).setHeld(ids, held);
      return ids;
    });
  }

  @Override
  public void reroute(Function<MailHost, Destination> routes) {
    new Rerouting(writing).apply(routes);
  }

  @Override
  public void fill(Consumer<Consumer<List<Addition>>> source) {
    var filling = new Filling(new SchemaSteps());
    step(filling::begin);
    source.accept(additions -> {
      learn(additions);
      step(statements -> filling.add(statements, additions));
    });
    step(filling::end);
  }

  private void step(FillStep step) {
    writing.run("fill the index", statements -> {
      step.run(statements);
      return step;
    });
  }

  @Override
  public void confirm(Map<QueueId, Long> entryBytes) {
    writing.run("note lengths", statements -> {
      var update = statements.prepare("""
                                      update message set entry_bytes = ?,
                                        recipients = (select %s from recipient where id = ?)
                                      where id = ?
                                      """.formatted(RecipientDigest.SQL));
      for (var entry : entryBytes.entrySet()) {
        update.setLong(1, entry.getValue());
        update.setString(2, entry.getKey().value());
        update.setString(3, entry.getKey().value());
        update.addBatch();
      }
      update.executeBatch();
      return entryBytes;
    });
  }

  @Override
  public void forEachId(Consumer<QueueId> visitor) {
    forEach("select id, 0 from message where id > ? order by id fetch first ? rows only",
        (id, _) -> visitor.accept(id));
  }

  @Override
  public void forEachLength(Spool.LengthVisitor visitor) {
    forEach("select id, entry_bytes from message where id > ? order by id fetch first ? rows only", visitor);
  }

  @Override
  public void forEachWholeLength(Spool.LengthVisitor visitor) {
    var last = Optional.of("");
    while (last.isPresent()) {
      var behind = last.get();
      var page = reading.run("compare the recipients",
          statements -> new WholeLengths(statements).behind(behind, IDS_A_PAGE));
      page.lengths().forEach(visitor::visit);
      last = page.last();
    }
  }

  private void forEach(String pageSql, Spool.LengthVisitor visitor) {
    var last = "";
    while (true) {
      var page = page(pageSql, last);
      page.forEach(entry -> visitor.visit(entry.id(), entry.bytes()));
      if (page.size() < IDS_A_PAGE) {
        return;
      }
      last = page.getLast().id().value();
    }
  }

  private List<Length> page(String pageSql, String last) {
    return reading.run("list the index", statements -> {
      var select = statements.prepare(pageSql);
      select.setString(1, last);
      select.setInt(2, IDS_A_PAGE);
      return list(select, row -> new Length(new QueueId(row.getString(1)), row.getLong(2)));
    });
  }

  @Override
  public void close() {
    reading.close();
    writing.close();
  }

  /** Makes a value of the current row. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  static <T> List<T> list(PreparedStatement query, RowReader<T> reader) throws SQLException {
    var values = new ArrayList<T>();
    try (var rows = query.executeQuery()) {
      while (rows.next()) {
        values.add(reader.read(rows));
      }
    }
    return values;
  }
}
