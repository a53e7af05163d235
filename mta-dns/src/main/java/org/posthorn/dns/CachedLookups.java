package org.posthorn.dns;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Remembers answers for as long as they say, and asks a question once however many threads want to know. Failures are not
 * remembered. Safe for use by many threads; bounded by the number of entries and of threads that wait.
 */
final class CachedLookups {
  private final Function<Question, Answer> source;
  private final Cache<Question, Answer> cache;
  private final Map<Question, CompletableFuture<Answer>> underWay = new ConcurrentHashMap<>();

  CachedLookups(Function<Question, Answer> source, DnsSettings settings, InstantSource clock) {
    this.source = source;
    // Expiry on the threads that use the cache: no pool of its own, and nothing happens behind a test's back.
    this.cache = Caffeine.newBuilder()
        .maximumSize(settings.cacheEntries())
        .executor(Runnable::run)
        .ticker(() -> nanos(clock.instant()))
        .expireAfter(Expiry.<Question, Answer>creating((_, answer) -> lifetime(answer, settings)))
        .build();
  }

  /**
   * Returns the answer, or where it will be. Only the waiting is the caller's: the question is asked on a thread of its own,
   * so that an interrupted caller takes the answer from nobody else.
   */
  Future<Answer> ask(Question question) {
    Answer known = cache.getIfPresent(question);
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    var mine = new CompletableFuture<Answer>();
    CompletableFuture<Answer> earlier = underWay.putIfAbsent(question, mine);
    if (earlier != null) {
      return earlier;
    }
    try {
      Thread.ofVirtual().name("dns " + question).start(() -> fetch(question, mine));
    } catch (RuntimeException | Error e) {
      fail(question, mine, e);
    }
    return mine;
  }

  private void fetch(Question question, CompletableFuture<Answer> result) {
    try {
      Answer answer = source.apply(question);
      if (answer.timeToLive().isPositive()) {
        cache.put(question, answer);
      }
      underWay.remove(question);
      result.complete(answer);
    } catch (RuntimeException | Error e) {
      fail(question, result, e);
    }
  }

  /** Whoever waits must learn of it rather than wait for ever. */
  private void fail(Question question, CompletableFuture<Answer> result, Throwable why) {
    underWay.remove(question);
    result.completeExceptionally(why);
  }

  private static Duration lifetime(Answer answer, DnsSettings settings) {
    Duration most = switch (answer) {
      case Answer.Records _,Answer.Alias _ -> settings.maxTtl();
      case Answer.NoData _,Answer.NoSuchName _,Answer.Failure _ -> settings.maxNegativeTtl();
    };
    Duration own = answer.timeToLive();
    return own.compareTo(most) < 0 ? own : most;
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano(); // overflows in 2262
  }
}
