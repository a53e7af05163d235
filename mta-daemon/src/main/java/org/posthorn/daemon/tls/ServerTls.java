package org.posthorn.daemon.tls;

import java.security.GeneralSecurityException;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.posthorn.delivery.tls.AnyCertificate;
import org.posthorn.smtp.Domain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our side of TLS: certificates, versions and ciphers in force. A change of settings or files is for connections that begin
 * after it; those that are there go on. Safe for use by many threads.
 *
 * <p>Sessions can be resumed (RFC 8446 §2.2): by tickets that the client keeps, so they cost us nothing, and where it has
 * none by a bounded cache.
 */
public final class ServerTls implements TlsEngines {
  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);
  private static final int MAX_CACHED_SESSIONS = 2000;
  private static final Duration SESSION_LIFETIME = Duration.ofHours(2);

  /** What is in force. */
  private record Current(TlsSettings settings, String files, Credentials credentials, SSLContext context) {}

  private final InstantSource clock;
  private final RandomGenerator random;
  private volatile Current current;
  /** What is wrong with files that have changed; empty when nothing is. */
  private volatile String trouble = "";
  private boolean isTroubleTold; // guarded by this

  /** Reads what {@code settings} name, and makes a certificate if they name none. */
  public ServerTls(TlsSettings settings, InstantSource clock, RandomGenerator random) throws CredentialException {
    this.clock = clock;
    this.random = random;
    current = read(settings);
  }

  /** Reads all that {@code settings} name and forgets it: is it usable? Makes nothing; returns what is wrong at {@code now}. */
  public static List<CertificateState> check(TlsSettings settings, Instant now) throws CredentialException {
    var all = new ArrayList<Credential>();
    for (var files : settings.certificates()) {
      all.add(files.read());
    }
    return new Inspection(settings, now).of(all, "");
  }

  /** Puts other settings, or files that have changed, in force; throws and changes nothing when they cannot be used. */
  public synchronized void use(TlsSettings settings) throws CredentialException {
    if (!settings.equals(current.settings()) || !files(settings).equals(current.files())) {
      current = read(settings);
      log.atInfo().addKeyValue("certificates", current.credentials().all().size()).log("certificates read");
    }
  }

  /** Puts files that have changed in force. Files that cannot be used, as those half written, are left for later. */
  public synchronized void refresh() {
    try {
      use(current.settings());
      trouble = "";
    } catch (CredentialException e) {
      note(String.valueOf(e.getMessage()));
    }
  }

  private void note(String problem) {
    boolean isLasting = problem.equals(trouble);
    if (isLasting && !isTroubleTold) {
      log.atWarn().addKeyValue("problem", problem).log("the certificates have changed, but the old ones stay in force");
    }
    isTroubleTold = isLasting;
    trouble = problem;
  }

  /** Returns how our certificates are. */
  public List<CertificateState> states() {
    var now = current;
    return new Inspection(now.settings(), clock.instant()).of(now.credentials().all(), trouble);
  }

  @Override
  public SSLEngine engine(boolean asksForCertificate) {
    var now = current;
    var engine = now.context().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = parameters(engine.getSSLParameters(), now.settings());
    parameters.setWantClientAuth(asksForCertificate);
    engine.setSSLParameters(parameters);
    return engine;
  }

  private static SSLParameters parameters(SSLParameters parameters, TlsSettings settings) {
    parameters.setProtocols(switch (settings.minVersion()) {
      case TLS_1_2 -> new String[]{"TLSv1.3", "TLSv1.2"};
      case TLS_1_3 -> new String[]{"TLSv1.3"};
    });
    List<String> ciphers = settings.ciphers().isEmpty() ? Ciphers.USUAL : settings.ciphers();
    parameters.setCipherSuites(ciphers.toArray(String[]::new));
    parameters.setUseCipherSuitesOrder(true);
    parameters.setNamedGroups(Ciphers.GROUPS.toArray(String[]::new));
    return parameters;
  }

  /** Whether one of our certificates is for {@code host}. */
  public boolean covers(Domain host) {
    return current.credentials().all().stream().anyMatch(credential -> credential.covers(host.name()));
  }

  /** Begins TLS over {@code socket}, as its server; closing the result closes it. */
  public Socket encrypt(Socket socket) throws IOException {
    var now = current;
    var encrypted = (SSLSocket) now.context()
        .getSocketFactory()
        .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
    encrypted.setUseClientMode(false);
    encrypted.setSSLParameters(parameters(encrypted.getSSLParameters(), now.settings()));
    encrypted.startHandshake();
    return encrypted;
  }

  private Current read(TlsSettings settings) throws CredentialException {
    String files = files(settings); // first: what changes while we read is read again
    var credentials = new Credentials(credentials(settings), settings.hostname().name(), clock);
    return new Current(settings, files, credentials, context(credentials));
  }

  private List<Credential> credentials(TlsSettings settings) throws CredentialException {
    if (settings.certificates().isEmpty()) {
      return List.of(new SelfSigned(settings.selfSigned()).obtain(settings.hostname(), clock.instant(), random));
    }
    var credentials = new ArrayList<Credential>();
    for (var files : settings.certificates()) {
      credentials.add(files.read());
    }
    return credentials;
  }

  private static String files(TlsSettings settings) throws CredentialException {
    var state = new StringBuilder();
    for (var files : settings.certificates()) {
      state.append(files.state());
    }
    return state.toString();
  }

  private static SSLContext context(Credentials credentials) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[]{credentials}, new TrustManager[]{new AnyCertificate()}, null);
      var sessions = context.getServerSessionContext();
      sessions.setSessionCacheSize(MAX_CACHED_SESSIONS);
      sessions.setSessionTimeout((int) SESSION_LIFETIME.toSeconds());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the Java runtime has no TLS", e);
    }
  }
}
