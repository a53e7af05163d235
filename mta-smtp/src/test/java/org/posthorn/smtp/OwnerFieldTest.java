package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerFieldTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({"'receiver@example.com; Sat, 1 Jun 2013 09:23:01 -0700', receiver@example.com, 2013-06-01T16:23:01Z",
      "'\"a;b\"@example.com;Tue, 1 Jan 2019 08:00:00 GMT', '\"a;b\"@example.com', 2019-01-01T08:00:00Z"})
  void readsAddressAndTime(String value, String address, Instant time) {
    assertThat(OwnerField.parse(value)).hasValue(new OwnerField(Mailbox.of(address), time));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ";", "receiver@example.com", "receiver@example.com; 2013-06-01T16:23:01Z",
      "receiver; Sat, 1 Jun 2013 09:23:01 -0700", "a@x.example; Sat, 31 Feb 2013 09:23:01 -0700"})
  void takesNothingElse(String value) {
    assertThat(OwnerField.parse(value)).isEmpty();
  }

  @Test
  void writesWhatItReads() {
    var field = new OwnerField(Mailbox.of("receiver@example.com"), Instant.parse("2013-06-01T16:23:01Z"));
    assertThat(field.text())
        .isEqualTo("Require-Recipient-Valid-Since: receiver@example.com;\r\n\tSat, 1 Jun 2013 16:23:01 +0000\r\n");
    assertThat(OwnerField.parse(field.text().substring(field.text().indexOf(':') + 1).replace("\r\n", "")))
        .hasValue(field);
  }
}
