package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.PostfixPeer;
import org.posthorn.testkit.SmtpTalk;

/** Posthorn and Postfix exchange mail both ways. */
class PostfixInteropIT {
  private static final String MESSAGE = "Subject: über\r\n\r\n..dots\r\n" + "x".repeat(998) + "\r\ngrüße\r\n";

  @TempDir
  private Path folder;

  @Test
  void postfixRelaysToPosthornAndPosthornToPostfix() throws Exception {
    int posthornPort = FreePort.find();
    try (var postfix = PostfixPeer.start(posthornPort);
        var daemon = PackagedDaemon.start(folder, posthornPort, """
                                                                [[route]]
                                                                domain = "peer.example"
                                                                via = "smtp://127.0.0.1:%d"
                                                                """.formatted(postfix.port()))) {
      try (var talk = SmtpTalk.greet(postfix.port())) {
        talk.mail("sender@there.example", "alice@here.example", MESSAGE);
      }
      daemon.awaitLog(1, "to=alice@here.example", "status=sent");
      assertThat(daemon.mailbox("alice")).singleElement().asString().contains("\n.dots\n" + "x".repeat(998) + "\n");

      try (var talk = SmtpTalk.greet(daemon.port())) {
        talk.mail("bob@here.example", "inbox@peer.example", MESSAGE);
      }
      daemon.awaitLog(1, "to=inbox@peer.example", "status=sent", "dsn=2.0.0");
      assertThat(postfix.awaitInbox(1)).singleElement().asString().contains("\n.dots\n" + "x".repeat(998) + "\n");
    }
  }

  @Test
  void aRefusalByPostfixBecomesABounceThatAPersonUnderstands() throws Exception {
    int posthornPort = FreePort.find();
    try (var postfix = PostfixPeer.start(posthornPort);
        var daemon = PackagedDaemon.start(folder, posthornPort, """
                                                                [[route]]
                                                                domain = "peer.example"
                                                                via = "smtp://127.0.0.1:%d"
                                                                """.formatted(postfix.port()));
        var talk = SmtpTalk.greet(daemon.port())) {
      talk.mail("alice@here.example", "gone@peer.example", "Subject: hello\r\n\r\nbody\r\n");
      daemon.awaitLog(1, "to=gone@peer.example", "status=bounced");
      daemon.awaitLog(1, "to=alice@here.example", "status=sent");
      assertThat(daemon.mailbox("alice")).singleElement()
          .asString()
          .startsWith("Return-Path: <>\n")
          .contains("report-type=delivery-status", "Final-Recipient: rfc822; gone@peer.example", "Action: failed",
              "Status: 5.1.1", "Subject: hello");
    }
  }
}
