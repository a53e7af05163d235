package org.posthorn.daemon.auth.ldap;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.extensions.StartTLSExtendedRequest;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import com.unboundid.util.ssl.SSLSocketVerifier;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.posthorn.daemon.auth.ldap.LdapSettings.Server;
import org.posthorn.daemon.tls.CertificateFiles;
import org.posthorn.daemon.tls.CredentialException;

/** Opens connections to the first server that answers. Safe for use by many threads. */
final class LdapServers {
  private final LdapSettings settings;

  LdapServers(LdapSettings settings) {
    this.settings = settings;
  }

  /** Returns a connection, encrypted if it has to be, that belongs to nobody yet; the caller closes it. */
  LDAPConnection connect() throws LDAPException, IOException {
    Optional<LDAPException> failure = Optional.empty();
    for (var server : settings.servers()) {
      try {
        return connect(server);
      } catch (LDAPException e) {
        failure.ifPresent(e::addSuppressed);
        failure = Optional.of(e);
      }
    }
    throw failure.orElseThrow(() -> new LDAPException(ResultCode.CONNECT_ERROR, "there is no server"));
  }

  private LDAPConnection connect(Server server) throws LDAPException, IOException {
    return switch (settings.security()) {
      case NONE -> new LDAPConnection(options(), server.host(), server.port());
      case LDAPS -> new LDAPConnection(
          new TimelySockets(tls().getSocketFactory(), settings.timeout()), options(), server.host(), server.port());
      case START_TLS -> startTls(new LDAPConnection(options(), server.host(), server.port()));
    };
  }

  private LDAPConnection startTls(LDAPConnection connection) throws LDAPException, IOException {
    try {
      var result = connection.processExtendedOperation(new StartTLSExtendedRequest(tls()));
      if (!result.getResultCode().equals(ResultCode.SUCCESS)) {
        throw new LDAPException(result); // never go on in the clear
      }
      return connection;
    } catch (LDAPException | IOException e) {
      connection.close();
      throw e;
    }
  }

  private LDAPConnectionOptions options() {
    var options = new LDAPConnectionOptions();
    Duration timeout = settings.timeout();
    options.setConnectTimeoutMillis((int) timeout.toMillis());
    options.setResponseTimeoutMillis(timeout.toMillis());
    options.setAbandonOnTimeout(true);
    options.setFollowReferrals(false); // a server elsewhere must not get to see passwords
    options.setUseSynchronousMode(true); // one request at a time needs no thread of its own
    options.setSSLSocketVerifier(new TimelyVerifier(timeout));
    return options;
  }

  private SSLContext tls() throws IOException {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, trusted(), null);
      return context;
    } catch (GeneralSecurityException | CredentialException e) {
      throw new IOException("no certificate of a directory can be checked: " + e.getMessage(), e);
    }
  }

  private TrustManager[] trusted() throws GeneralSecurityException, CredentialException, IOException {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    if (settings.caFile().isPresent()) {
      int number = 0;
      for (var authority : CertificateFiles.certificates(settings.caFile().get())) {
        store.setCertificateEntry("ca" + number++, authority);
      }
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    if (store.size() > 0) {
      factory.init(store);
    } else {
      factory.init((KeyStore) null); // those that the JVM trusts
    }
    return factory.getTrustManagers();
  }

  /** Holds a server to its name, and to the time that it has for the handshake, which the SDK would wait for without end. */
  private static final class TimelyVerifier extends SSLSocketVerifier {
    private final SSLSocketVerifier name = new HostNameSSLSocketVerifier(true);
    private final Duration timeout;

    TimelyVerifier(Duration timeout) {
      this.timeout = timeout;
    }

    @Override
    public void verifySSLSocket(String host, int port, SSLSocket socket) throws LDAPException {
      try {
        socket.setSoTimeout((int) timeout.toMillis());
        socket.startHandshake();
        name.verifySSLSocket(host, port, socket);
      } catch (IOException e) {
        throw new LDAPException(ResultCode.CONNECT_ERROR, "no TLS with " + host + ":" + port + ": " + e.getMessage(),
            e);
      }
    }
  }
}
