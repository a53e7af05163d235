package org.posthorn.daemon.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.testkit.FreePort;
import org.posthorn.testkit.Needs;
import org.posthorn.testkit.SlapdPeer;
import org.posthorn.testkit.TestTls;

/** The packaged daemon asks an OpenLDAP whether the password of somebody who sends by swaks is right. */
class LdapIT {
  private static final String ALICE = "alice@here.example";
  private static final String ENTRY = """
                                      dn: uid=alice,ou=people,dc=example,dc=org
                                      objectClass: inetOrgPerson
                                      uid: alice
                                      cn: Alice
                                      sn: A
                                      mail: alice@here.example
                                      userPassword: wonderland
                                      """;

  @TempDir
  private Path folder;

  private static String swaks(int port, String mechanism, String password) throws Exception {
    var process = new ProcessBuilder(List.of(Needs.program("swaks").toString(), "--server", "127.0.0.1", "--port",
        Integer.toString(port), "--tlsc", "--auth", mechanism, "--auth-user", ALICE, "--auth-password", password,
        "--from", ALICE, "--to", "bob@here.example")).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() + " " + output;
  }

  @Test
  void peopleOfADirectoryLogIn() throws Exception {
    int port = FreePort.find();
    try (var slapd = SlapdPeer.start(folder, ENTRY);
        var daemon = PackagedDaemon.start(folder, """
                                                  [[listener]]
                                                  address = "127.0.0.1:%d"
                                                  kind = "submissions"
                                                  [relay]
                                                  trusted-networks = ["192.0.2.0/24"]
                                                  [auth]
                                                  ldap-servers = ["ldap://127.0.0.1:%d"]
                                                  ldap-start-tls = true
                                                  ldap-ca-file = "%s"
                                                  ldap-timeout = "60s"
                                                  ldap-bind-dn = "uid={user},ou=people,dc=example,dc=org"
                                                  failure-delay = "0s"
                                                  """.formatted(port, slapd.port(), TestTls.authority(folder)))) {
      assertThat(swaks(port, "PLAIN", "wonderland")).startsWith("0 ").contains("235 2.7.0");
      assertThat(swaks(port, "LOGIN", "wonderland")).startsWith("0 ").contains("235 2.7.0");
      assertThat(swaks(port, "PLAIN", "looking glass")).contains("535 5.7.8");
      daemon.awaitLog(2, "to=bob@here.example", "status=sent");
      slapd.stop();
      assertThat(swaks(port, "PLAIN", "wonderland")).contains("454 4.7.0");
      daemon.awaitLog(1, "cannot ask who a client is");
    }
  }
}
