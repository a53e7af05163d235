package org.posthorn.delivery.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.posthorn.queue.Outcome;

class StorageFailureTest {
  static Stream<Arguments> failures() {
    return Stream.of(Arguments.of(new IOException("No space left on device"), "4.3.1"),
        Arguments.of(new FileSystemException("/secret", null, "No space left on device"), "4.3.1"),
        Arguments.of(new IOException("Disk quota exceeded"), "4.2.2"),
        Arguments.of(new FileSystemException("/secret", null, "Disk quota exceeded"), "4.2.2"),
        Arguments.of(new AccessDeniedException("/secret"), "4.3.1"),
        Arguments.of(new FileSystemException("/secret", null, "Read-only file system"), "4.3.1"),
        Arguments.of(new IOException(), "4.3.1"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void isAlwaysADeferralThatTellsTheSenderNothingOfOurFiles(IOException cause, String status) {
    assertThat(StorageFailure.outcomeOf(cause)).isInstanceOfSatisfying(Outcome.Deferred.class, deferred -> {
      assertThat(deferred.diagnostic().status()).hasToString(status);
      assertThat(deferred.diagnostic().text()).doesNotContain("/");
    });
  }
}
