package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.PostfixPeer;
import org.posthorn.testkit.SmtpTalk;

/** Postfix hands mail over by LMTP. */
class LmtpIT {
  @TempDir
  private Path folder;

  @Test
  void postfixDeliversByTcpAndByUnixSocket() throws Exception {
    // Postfix's client has a user of its own, which must get as far as the socket.
    var open = Files.createTempDirectory("posthorn-lmtp",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    var socket = open.resolve("lmtp");
    int port = FreePort.find();
    try (var daemon = PackagedDaemon.start(folder, """
                                                   [[listener]]
                                                   kind = "lmtp"
                                                   address = "127.0.0.1:%d"
                                                   socket = "%s"
                                                   socket-mode = "0666"
                                                   """.formatted(port, socket));
        var postfix = PostfixPeer.start(FreePort.find(),
            "transport_maps = inline:{ { here.example = lmtp:inet:127.0.0.1:%d } { there.example = lmtp:unix:%s } }%n"
                .formatted(port, socket))) {
      try (var talk = SmtpTalk.greet(postfix.port())) {
        talk.mail("sender@else.example", "alice@here.example", "Subject: by TCP\r\n\r\nx\r\n");
        talk.mail("sender@else.example", "bob@here.example", "Subject: by TCP\r\n\r\nx\r\n");
        talk.mail("bob@here.example", "anyone@there.example", "Subject: by socket\r\n\r\nx\r\n");
      }
      daemon.awaitLog(1, "to=alice@here.example", "status=sent");
      daemon.awaitLog(2, " accepted ", "from=<sender@else.example>", "proto=LMTP");
      daemon.awaitLog(1, " accepted ", "from=<bob@here.example>", "proto=LMTP", "client=localhost[127.0.0.1]");
      assertThat(daemon.mailbox("alice")).singleElement().asString().contains("with LMTP id");
    } finally {
      Files.deleteIfExists(socket); // the daemon is killed
      Files.deleteIfExists(open);
    }
  }
}
