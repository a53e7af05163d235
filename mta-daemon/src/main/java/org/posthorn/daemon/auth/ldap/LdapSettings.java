package org.posthorn.daemon.auth.ldap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.auth.PasswordDirectory;

/**
 * How an LDAP directory is asked whether a password is right: by a simple bind (RFC 4513 §5.1.3) with it.
 *
 * @param servers each {@code host} and {@code port}; the first that answers counts
 * @param security how connections are protected
 * @param caFile certificates of the authorities that vouch for the servers; empty for those that the JVM trusts
 * @param names how the entry of a login is found
 * @param timeout for a connection, and for each answer; 100 ms to 1 minute; default 5 s
 */
public record LdapSettings(List<Server> servers, Security security, Optional<Path> caFile, Names names,
    Duration timeout) implements PasswordDirectory {
  /** Where a server listens. */
  public record Server(String host, int port) {
    /** Shows host and port. */
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** How connections are protected. */
  public enum Security {
    /** Not at all: for servers on the same machine. */
    NONE,
    /** By TLS from the first octet, as {@code ldaps:} says. */
    LDAPS,
    /** By the extended operation StartTLS (RFC 4511 §4.14). */
    START_TLS
  }

  /** How the entry of a login is found. In texts, <code>{login}</code>, <code>{user}</code> and <code>{domain}</code> are filled in. */
  public sealed interface Names {
    /** Its name follows from the login, as in <code>uid={user},ou=people,dc=example,dc=org</code>. */
    record Template(String dn) implements Names {}

    /**
     * It is searched for.
     *
     * @param base below which entry
     * @param filter what finds it, as in <code>(mail={login})</code> (RFC 4515)
     * @param account as whom to search; empty for nobody in particular
     */
    record Search(String base, String filter, Optional<SearchAccount> account) implements Names {}
  }

  /**
   * As whom to search.
   *
   * @param dn its name
   * @param passwordFile a file with its password on the first line, read at each login
   */
  public record SearchAccount(String dn, Path passwordFile) {}

  public LdapSettings {
    servers = List.copyOf(servers);
  }

  @Override
  public Verdict check(String login, String password) {
    return new LdapLogins(this).check(login, password);
  }
}
