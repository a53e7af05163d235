package org.posthorn.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvConfTest {
  @TempDir
  private Path folder;
  private Path file = Path.of("resolv.conf");

  @BeforeEach
  void choose() {
    file = folder.resolve("resolv.conf");
  }

  @Test
  void readsTheFirstThreeServersAndIgnoresTheRest() throws Exception {
    Files.writeString(file, """
                            # nameserver 192.0.2.99
                            search example.org
                            nameserver not-an-address
                            nameserver 192.0.2.1
                            nameserver\t2001:db8::53
                            nameserver   192.0.2.3
                            nameserver 192.0.2.4
                            """);
    assertThat(new ResolvConf(file).get()).hasToString("[/192.0.2.1:53, /[2001:db8:0:0:0:0:0:53]:53, /192.0.2.3:53]");
  }

  @Test
  void asksTheLocalServerWithoutAFile() {
    assertThat(new ResolvConf(file).get()).hasToString("[/127.0.0.1:53]");
  }

  @Test
  void readsTheFileAgainWhenItHasChanged() throws Exception {
    Files.writeString(file, "nameserver 192.0.2.1\n");
    var servers = new ResolvConf(file);
    assertThat(servers.get()).hasToString("[/192.0.2.1:53]");
    Files.writeString(file, "nameserver 192.0.2.2\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    assertThat(servers.get()).hasToString("[/192.0.2.2:53]");
  }
}
