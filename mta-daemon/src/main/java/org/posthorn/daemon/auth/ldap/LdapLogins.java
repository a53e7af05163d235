package org.posthorn.daemon.auth.ldap;

import com.unboundid.ldap.sdk.BindResult;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.posthorn.daemon.auth.PasswordDirectory.Verdict;
import org.posthorn.daemon.auth.ldap.LdapSettings.Names;
import org.posthorn.daemon.auth.ldap.LdapSettings.SearchAccount;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks passwords by binding with them. Each check has a connection of its own, as a bind changes who a connection belongs
 * to. Safe for use by many threads.
 */
final class LdapLogins {
  private static final Logger log = LoggerFactory.getLogger(LdapLogins.class);
  /** What a directory says to a wrong password, a locked account, or the name of nobody. */
  private static final Set<ResultCode> WRONG = Set.of(ResultCode.INVALID_CREDENTIALS, ResultCode.NO_SUCH_OBJECT,
      ResultCode.INVALID_DN_SYNTAX, ResultCode.INAPPROPRIATE_AUTHENTICATION, ResultCode.UNWILLING_TO_PERFORM,
      ResultCode.CONSTRAINT_VIOLATION, ResultCode.INSUFFICIENT_ACCESS_RIGHTS);
  private static final String NO_ATTRIBUTES = "1.1"; // RFC 4511 §4.5.1.8
  private static final String NOBODY = "cn=posthorn-nobody";

  private final LdapSettings settings;
  private final LdapServers servers;

  /** Asks by these settings. */
  LdapLogins(LdapSettings settings) {
    this.settings = settings;
    this.servers = new LdapServers(settings);
  }

  /**
   * Returns whether {@code password} is that of {@code login}. Blocks for the network,
   * at most a few times as long as the settings allow for each step.
   *
   * @param login prepared, not empty
   * @param password prepared; not empty, for a bind without one succeeds for everybody (RFC 4513 §5.1.2)
   */
  Verdict check(String login, String password) {
    if (password.isEmpty()) {
      return Verdict.WRONG;
    }
    try (var connection = servers.connect()) {
      return isRight(connection, dnOf(connection, login), password) ? Verdict.RIGHT : Verdict.WRONG;
    } catch (LDAPException | IOException e) {
      log.atError()
          .addKeyValue("ldap", settings.servers())
          .addKeyValue("problem", Printable.of(String.valueOf(e.getMessage())))
          .log("cannot ask who a client is");
      return Verdict.UNKNOWN;
    }
  }

  /** A bind is tried in any case: that a login is nobody's must not show in the time that it takes. */
  private boolean isRight(LDAPConnection connection, Optional<String> dn, String password) throws LDAPException {
    try {
      BindResult result = connection.bind(new SimpleBindRequest(dn.orElse(NOBODY), password));
      return dn.isPresent() && result.getResultCode().equals(ResultCode.SUCCESS);
    } catch (LDAPException e) {
      if (dn.isEmpty() && e.getResultCode().isClientSideResultCode()) {
        throw e;
      }
      if (dn.isEmpty() || WRONG.contains(e.getResultCode())) {
        return false;
      }
      throw e;
    }
  }

  private Optional<String> dnOf(LDAPConnection connection, String login) throws LDAPException, IOException {
    return switch (settings.names()) {
      case Names.Template(var dn) -> Optional.of(filled(dn, login, LdapLogins::inDn));
      case Names.Search search -> find(connection, search, login);
    };
  }

  private Optional<String> find(LDAPConnection connection, Names.Search search, String login)
      throws LDAPException, IOException {
    if (search.account().isPresent()) {
      SearchAccount account = search.account().get();
      connection.bind(new SimpleBindRequest(account.dn(), firstLine(account.passwordFile())));
    }
    var request = new SearchRequest(search.base(), SearchScope.SUB,
        Filter.create(filled(search.filter(), login, Filter::encodeValue)), NO_ATTRIBUTES);
    request.setSizeLimit(2);
    request.setTimeLimitSeconds((int) Math.max(1, settings.timeout().toSeconds()));
    var found = Optional.ofNullable(connection.search(request).getSearchEntries()).orElse(List.of());
    return found.size() == 1 ? Optional.of(found.getFirst().getDN()) : ambiguous(login, found.size());
  }

  private static Optional<String> ambiguous(String login, int found) {
    if (found > 1) {
      log.atWarn().addKeyValue("sasl_username", Printable.of(login)).log("LDAP has several entries for a login");
    }
    return Optional.empty();
  }

  private static String firstLine(Path file) throws IOException {
    var lines = Files.readAllLines(file);
    if (lines.isEmpty() || lines.getFirst().isEmpty()) {
      throw new IOException(file + " holds no password");
    }
    return lines.getFirst();
  }

  private static String filled(String template, String login, UnaryOperator<String> escape) {
    int at = login.lastIndexOf('@');
    String user = at < 0 ? login : login.substring(0, at);
    // In one pass, so that what is filled in is not taken for a placeholder.
    return LdapPlaceholders.fill(template, word -> escape.apply(switch (word) {
      case "user" -> user;
      case "domain" -> login.substring(at < 0 ? login.length() : at + 1);
      default -> login;
    }));
  }

  /** Escapes a value in a name (RFC 4514 §2.4). */
  private static String inDn(String value) {
    return new RDN("x", value).toString().substring("x=".length());
  }
}
