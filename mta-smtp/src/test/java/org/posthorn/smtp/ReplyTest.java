package org.posthorn.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplyTest {
  @Test
  void repeatsCodeAndStatusOnEachLine() {
    var reply = new Reply(550, Optional.of(EnhancedStatus.of("5.1.1")), List.of("No such user", "", "Sorry"));
    assertThat(reply.toWire()).isEqualTo("550-5.1.1 No such user\r\n550-5.1.1 \r\n550 5.1.1 Sorry\r\n");
  }

  @Test
  void hasNoStatusWhereNoneBelongs() {
    assertThat(Reply.plain(354, "Go on").toWire()).isEqualTo("354 Go on\r\n");
    assertThat(new Reply(250, Optional.empty(), List.of("mail.example", "DSN")).toWire())
        .isEqualTo("250-mail.example\r\n250 DSN\r\n");
  }

  @Test
  void neverSendsWhatCouldEndALine() {
    assertThat(Reply.of(550, "5.1.1", "<a\r\n250 ok\0é\ud83d\ude00>").toWire())
        .isEqualTo("550 5.1.1 <a??250 ok????>\r\n");
  }

  @Test
  void keepsEachLineWithin512Octets() {
    String wire = Reply.of(550, "5.999.999", "x".repeat(2000)).toWire();
    assertThat(wire).hasSize(512).endsWith("xx\r\n");
  }

  @Test
  void refusesAStatusOfAnotherClass() {
    assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(550, "4.1.1", "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> Reply.plain(199, "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Reply(250, Optional.empty(), List.of()));
  }
}
