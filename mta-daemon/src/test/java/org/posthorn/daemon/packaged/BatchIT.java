package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches (RFC 2442) through the packaged daemon: from a file, and from a program that speaks SMTP to sendmail. */
class BatchIT {
  private static final String BATCH = """
                                      EHLO far.example
                                      MAIL FROM:<alice@here.example> ENVID=Q1
                                      RCPT TO:<bob@here.example>
                                      RCPT TO:<nobody@here.example>
                                      DATA
                                      Subject: one

                                      ..body
                                      .
                                      MAIL FROM:<bob@here.example>
                                      RCPT TO:<alice@here.example>
                                      DATA
                                      Subject: two

                                      .
                                      QUIT
                                      """;

  @TempDir
  private Path folder;

  @Test
  void aBatchIsDeliveredAndItsSenderHearsWhoWasRefused() throws Exception {
    try (var daemon = PackagedDaemon.start(folder, "")) {
      var file = Files.writeString(folder.resolve("batch"), BATCH);
      var result = daemon.tryCommand("bsmtp", file.toString());
      assertThat(result.exit()).isEqualTo(1);
      assertThat(result.output()).contains("message 1: 250 2.0.0 Queued as ", "message 2: 250 2.0.0 Queued as ",
          "message 1 refused at line 4, RCPT TO:<nobody@here.example>: 550 5.1.1 ",
          "message 1: report to alice@here.example: 250 2.0.0 Queued as ", "2 messages");
      daemon.awaitLog(2, "to=alice@here.example", "status=sent");
      daemon.awaitLog(1, "to=bob@here.example", "status=sent");
      assertThat(daemon.mailbox("bob")).singleElement().asString().contains("Subject: one", "\n.body\n");
      assertThat(daemon.mailbox("alice")).anySatisfy(mail -> assertThat(mail).contains("Subject: two"))
          .anySatisfy(mail -> assertThat(mail).startsWith("Return-Path: <>\n")
              .contains("Original-Envelope-Id: Q1", "Final-Recipient: rfc822; nobody@here.example", "Status: 5.1.1",
                  "Subject: one"));
    }
  }

  @Test
  void aProgramHearsTheRepliesItself() throws Exception {
    try (var daemon = PackagedDaemon.start(folder, "")) {
      var sendmail = folder.resolve("sendmail");
      Files.createSymbolicLink(sendmail, folder.resolve("installation/posthorn"));
      var builder = new ProcessBuilder(sendmail.toString(), "-bs").redirectErrorStream(true);
      builder.environment().put("POSTHORN_CONFIG", daemon.home().resolve("posthorn.toml").toString());
      var process = builder.start();
      try (var stdin = process.getOutputStream()) {
        stdin.write(BATCH.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
      }
      var replies = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(replies).isZero();
      assertThat(replies).startsWith("220 ").contains("\n550 5.1.1 ", "\n221 2.0.0 ");
      assertThat(replies.lines().filter(line -> line.startsWith("250 2.0.0 Queued"))).hasSize(2);
      daemon.awaitLog(1, "to=alice@here.example", "status=sent");
    }
  }
}
