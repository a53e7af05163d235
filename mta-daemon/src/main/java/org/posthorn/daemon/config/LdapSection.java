package org.posthorn.daemon.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.auth.ldap.LdapSettings;
import org.posthorn.daemon.auth.ldap.LdapSettings.Names;
import org.posthorn.daemon.auth.ldap.LdapSettings.SearchAccount;
import org.posthorn.daemon.auth.ldap.LdapSettings.Security;
import org.posthorn.daemon.auth.ldap.LdapSettings.Server;

/** Reads the keys of {@code auth} that begin with {@code ldap-}. */
final class LdapSection {
  private static final String SERVERS = "ldap-servers";
  private static final int PORT = 389;
  private static final int TLS_PORT = 636;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String LIBRARY = "/com/unboundid/ldap/sdk/LDAPConnection.class";

  private final Section section;
  private final Path base;

  /** Reads from {@code section}; relative paths start at {@code base}. */
  LdapSection(Section section, Path base) {
    this.section = section;
    this.base = base;
  }

  /** Returns how a directory is asked; empty when none is. */
  Optional<LdapSettings> read() {
    var servers = section.list(SERVERS, List.<URI>of(), "ldap://host, or ldaps://host, with a port if need be",
        LdapSection::server);
    boolean startTls = section.flag("ldap-start-tls", false);
    var caFile = section.optional("ldap-ca-file", "a file", text -> Values.path(base, text));
    var template = section.optional("ldap-bind-dn", "a name with {login} or {user}", LdapSection::template);
    var searchBase = section.optional("ldap-base", "a name such as \"ou=people,dc=example,dc=org\"", Optional::of);
    var filter = section.parsed("ldap-filter", "(mail={login})", "a filter with {login} or {user}",
        LdapSection::template);
    var account = account();
    var timeout = section.duration("ldap-timeout", TIMEOUT, Duration.ofMillis(100), Duration.ofMinutes(1));
    if (servers.isEmpty()) {
      return Optional.empty();
    }
    if (template.isPresent() == searchBase.isPresent()) {
      section.reject(SERVERS, "needs either ldap-bind-dn or ldap-base");
    }
    if (LdapSection.class.getResource(LIBRARY) == null) {
      section.reject(SERVERS, "needs unboundid-ldapsdk, which has been taken out of lib/");
    }
    var names = template.<Names>map(Names.Template::new)
        .orElseGet(() -> new Names.Search(searchBase.orElse(""), filter, account));
    return Optional.of(new LdapSettings(servers.stream().map(LdapSection::at).toList(), security(servers, startTls),
        caFile, names, timeout));
  }

  private Optional<SearchAccount> account() {
    var dn = section.optional("ldap-search-dn", "a name such as \"cn=posthorn,dc=example,dc=org\"", Optional::of);
    var password = section.optional("ldap-search-password-file", "a file", text -> Values.path(base, text));
    if (dn.isPresent() != password.isPresent()) {
      section.reject(dn.isPresent() ? "ldap-search-dn" : "ldap-search-password-file",
          "needs ldap-search-dn and ldap-search-password-file");
    }
    return dn.flatMap(name -> password.map(file -> new SearchAccount(name, file)));
  }

  private Security security(List<URI> servers, boolean startTls) {
    long ldaps = servers.stream().filter(LdapSection::isLdaps).count();
    if (ldaps > 0 && (ldaps < servers.size() || startTls)) {
      section.reject(SERVERS, "must be all ldaps:, or all ldap:, and ldap-start-tls is for the latter");
    }
    if (ldaps == 0 && !startTls && !servers.stream().allMatch(LdapSection::isHere)) {
      section.reject(SERVERS, "must be ldaps:, or ldap: with ldap-start-tls: passwords go there");
    }
    return ldaps > 0 ? Security.LDAPS : startTls ? Security.START_TLS : Security.NONE;
  }

  private static boolean isHere(URI server) {
    return Values.isThisMachine(host(server));
  }

  private static boolean isLdaps(URI server) {
    return server.getScheme().equals("ldaps");
  }

  private static Server at(URI server) {
    return new Server(host(server), server.getPort() > 0 ? server.getPort() : isLdaps(server) ? TLS_PORT : PORT);
  }

  private static String host(URI server) {
    return server.getHost().replaceAll("[\\[\\]]", "");
  }

  private static Optional<URI> server(String text) {
    try {
      var uri = new URI(text);
      boolean isPlain = uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null
          && uri.getPath().matches("/?");
      return "ldap".equals(uri.getScheme()) || "ldaps".equals(uri.getScheme())
          ? Optional.of(uri).filter(_ -> isPlain)
          : Optional.empty();
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> template(String text) {
    return Optional.of(text).filter(known -> known.contains("{login}") || known.contains("{user}"));
  }
}
