package org.posthorn.daemon.auth.token;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of an identity provider, read anew every hour, and at most once a minute when a token names one that is not
 * known. When that fails, the keys known so far go on to count. Safe for use by many threads.
 */
final class KeySource {
  private static final Logger log = LoggerFactory.getLogger(KeySource.class);
  private static final Duration FRESH = Duration.ofHours(1);
  private static final Duration PAUSE = Duration.ofMinutes(1);
  private static final Duration TIME_LIMIT = Duration.ofSeconds(10);
  private static final int MAX_OCTETS = 1 << 20;

  private final String place;
  private final InstantSource clock;
  private final Duration timeLimit;
  private Optional<KeySet> keys = Optional.empty();
  private Instant read = Instant.EPOCH;
  private Instant tried = Instant.EPOCH;

  KeySource(String place, InstantSource clock) {
    this(place, clock, TIME_LIMIT);
  }

  /** The same with another time limit. */
  KeySource(String place, InstantSource clock, Duration timeLimit) {
    this.place = place;
    this.clock = clock;
    this.timeLimit = timeLimit;
  }

  /** Returns the keys, if they could ever be had; {@code isWanting} when those known so far do not do. */
  synchronized Optional<KeySet> keys(boolean isWanting) {
    var now = clock.instant();
    boolean isDue = isWanting || keys.isEmpty() || read.plus(FRESH).isBefore(now);
    if (isDue && tried.plus(PAUSE).isBefore(now)) {
      tried = now;
      try {
        keys = Optional.of(KeySet.parse(load()));
        read = now;
      } catch (IOException | IllegalArgumentException e) {
        log.atError().addKeyValue("keys", place).addKeyValue("problem", e).log("cannot read the keys for tokens");
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    return keys;
  }

  private String load() throws IOException, InterruptedException {
    if (!place.startsWith("https:") && !place.startsWith("http:")) {
      return Files.readString(Path.of(place));
    }
    var client = HttpClient.newBuilder().connectTimeout(timeLimit).build();
    try {
      var response = client
          .sendAsync(HttpRequest.newBuilder(URI.create(place)).build(),
              BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_OCTETS))
          .get(timeLimit.toMillis(), TimeUnit.MILLISECONDS); // all of it: a limit of the request ends with the head
      if (response.statusCode() != 200) {
        throw new IOException("HTTP status " + response.statusCode());
      }
      return response.body();
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + timeLimit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } finally {
      client.shutdownNow(); // closing it would wait for an answer that never ends
    }
  }
}
