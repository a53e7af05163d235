package org.posthorn.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * A server that takes all mail and keeps it, by SMTP or LMTP (RFC 2033), unless a test makes it answer something else. Safe
 * for use by many threads.
 */
public final class AcceptingServer implements AutoCloseable {
  /**
   * A message that the server took responsibility for.
   *
   * @param connection which connection it came by, from 1
   * @param from the argument of MAIL, such as {@code <a@example.org> SIZE=12}
   * @param recipients the arguments of the RCPT commands that it accepted
   * @param content unstuffed, each octet as one char (ISO-8859-1)
   */
  public record Mail(int connection, String from, List<String> recipients, String content) {
    public Mail {
      recipients = List.copyOf(recipients);
    }
  }

  private record Rule(Pattern command, String reply, boolean isForOnce) {}

  private final Acceptor acceptor;
  private final boolean isLmtp;
  private final List<String> extensions;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Rule> rules = new ArrayList<>();
  private final List<Mail> mails = new ArrayList<>();
  private final List<String> commands = new ArrayList<>();

  private AcceptingServer(Acceptor acceptor, boolean isLmtp, String... extensions) {
    this.acceptor = acceptor;
    this.isLmtp = isLmtp;
    this.extensions = List.of(extensions);
    acceptor.start((number, wire) -> new AcceptingSession(this, number, wire).serve());
  }

  /** Speaks SMTP on a free port of 127.0.0.1 and offers {@code extensions}, such as {@code PIPELINING}. */
  public static AcceptingServer start(String... extensions) throws IOException {
    return new AcceptingServer(Acceptor.onLoopback(), false, extensions);
  }

  /** Speaks LMTP on a free port of 127.0.0.1. */
  public static AcceptingServer startLmtp(String... extensions) throws IOException {
    return new AcceptingServer(Acceptor.onLoopback(), true, extensions);
  }

  /** Speaks LMTP on a Unix socket, which {@link #close()} removes. */
  public static AcceptingServer startLmtp(Path socket, String... extensions) throws IOException {
    return new AcceptingServer(Acceptor.onUnixSocket(socket), true, extensions);
  }

  /**
   * Answers a command that matches {@code regex} with {@code reply} from now on; a later rule goes before an earlier one.
   *
   * <p>Besides commands there are the lines {@code greeting}, {@code .} for the end of the content, and for LMTP
   * {@code . <b@example.net>} for each recipient. {@code \n} in a reply begins its next line; the reply {@code CLOSE} drops
   * the connection, {@code HOLD} leaves the client without an answer. What is not answered with 2yz or 354 has not happened:
   * the recipient is not accepted, the message not kept.
   */
  public void answer(String regex, String reply) {
    addRule(new Rule(Pattern.compile(regex), reply, false));
  }

  /** The same for the next such command only. */
  public void answerOnce(String regex, String reply) {
    addRule(new Rule(Pattern.compile(regex), reply, true));
  }

  private void addRule(Rule rule) {
    lock.lock();
    try {
      rules.addFirst(rule);
    } finally {
      lock.unlock();
    }
  }

  /** Returns what a test wants this line answered with, if it is not the usual. */
  Optional<String> reply(String line) {
    lock.lock();
    try {
      Optional<Rule> rule = rules.stream().filter(candidate -> candidate.command().matcher(line).matches()).findFirst();
      rule.filter(Rule::isForOnce).ifPresent(rules::remove);
      return rule.map(Rule::reply);
    } finally {
      lock.unlock();
    }
  }

  void note(String command) {
    lock.lock();
    try {
      commands.add(command);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void take(Mail mail) {
    lock.lock();
    try {
      mails.add(mail);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isLmtp() {
    return isLmtp;
  }

  List<String> extensions() {
    return extensions;
  }

  /** Returns where a server on TCP listens. */
  public InetSocketAddress address() {
    return acceptor.address();
  }

  /** Returns how many connections have come. */
  public int connections() {
    return acceptor.connections();
  }

  /** Returns the messages taken so far. */
  public List<Mail> mails() {
    lock.lock();
    try {
      return List.copyOf(mails);
    } finally {
      lock.unlock();
    }
  }

  /** Returns the commands of all connections so far, as they came. */
  public List<String> commands() {
    lock.lock();
    try {
      return List.copyOf(commands);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it has {@code count} messages and returns them; an AssertionError after {@link ScriptedServer#PATIENCE}. */
  public List<Mail> awaitMails(int count) throws InterruptedException {
    await(count + " messages", () -> mails.size() >= count);
    return mails();
  }

  /** Waits until a command that matches {@code regex} has come; an AssertionError after {@link ScriptedServer#PATIENCE}. */
  public void awaitCommand(String regex) throws InterruptedException {
    await(regex, () -> commands.stream().anyMatch(command -> command.matches(regex)));
  }

  private void await(String what, BooleanSupplier isThere) throws InterruptedException {
    lock.lock();
    try {
      long nanos = ScriptedServer.PATIENCE.toNanos();
      while (!isThere.getAsBoolean() && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      if (!isThere.getAsBoolean()) {
        throw new AssertionError("waited " + ScriptedServer.PATIENCE.toSeconds() + " s for " + what + ", but there are "
            + mails.size() + " messages and these commands: " + commands);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Stops listening and drops all connections. */
  @Override
  public void close() throws IOException {
    acceptor.close();
  }
}
