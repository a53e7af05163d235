package org.posthorn.delivery.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.posthorn.queue.RemoteTls;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.MailHost;
import org.posthorn.smtp.Printable;

/**
 * Encrypts connections to servers. All of them share one context, so that a server that is met again resumes its session (RFC
 * 8446 §2.2). Safe for use by many threads.
 */
public final class ClientTls {
  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"}; // RFC 8996: nothing older
  /** What JSSE calls the key exchange of TLS 1.3, and what fits the others that we use too: the key signs. */
  private static final String ANY_KEY_EXCHANGE = "UNKNOWN";

  private final Authorities authorities;
  private @Nullable SSLContext context; // guarded by this; made when first needed, as is the next
  private @Nullable X509TrustManager judge;

  /** Trusts {@code authorities}. */
  public ClientTls(Authorities authorities) {
    this.authorities = authorities;
  }

  /** An encrypted connection, and what is known of the other side. */
  public record Encrypted(SSLSocket socket, RemoteTls facts) {}

  /**
   * Makes the handshake with {@code host} over {@code plain}, which stays the caller's to close. Blocks for the peer. Any
   * certificate will do; the facts say what it is worth.
   *
   * @throws IOException when the handshake fails; the connection is of no use any more
   */
  public Encrypted encrypt(Socket plain, MailHost host) throws IOException {
    var socket = (SSLSocket) context().getSocketFactory().createSocket(plain, host.toString(), plain.getPort(), false);
    socket.setUseClientMode(true);
    var parameters = socket.getSSLParameters();
    parameters.setProtocols(VERSIONS);
    parameters.setServerNames(serverNames(host));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    var session = socket.getSession();
    return new Encrypted(socket, new RemoteTls(session.getProtocol(), session.getCipherSuite(), doubt(session, host)));
  }

  /** An address is no server name (RFC 6066 §3), nor is what Java does not take for a host name, as with an underscore. */
  private static List<SNIServerName> serverNames(MailHost host) {
    return switch (host) {
      case Domain(var name) when name.indexOf('_') < 0 -> List.of(new SNIHostName(name));
      case Domain _,AddressLiteral _ -> List.of();
    };
  }

  /** Returns why the server may be another than {@code host}; empty when its certificate proves that it is not. */
  private Optional<String> doubt(SSLSession session, MailHost host) {
    X509Certificate[] chain;
    try {
      Certificate[] shown = session.getPeerCertificates();
      chain = Arrays.copyOf(shown, shown.length, X509Certificate[].class);
    } catch (SSLPeerUnverifiedException _) {
      return Optional.of("it shows no certificate");
    }
    try {
      judge().checkServerTrusted(chain, ANY_KEY_EXCHANGE);
    } catch (CertificateException e) {
      return Optional.of(inWords(e, chain[0]));
    } catch (IOException e) {
      return Optional.of(Printable.of(String.valueOf(e.getMessage()))); // our fault, and no reason not to encrypt
    }
    return CertificateNames.covers(chain[0], host)
        ? Optional.empty()
        : Optional.of("its certificate is not for " + host);
  }

  private static String inWords(CertificateException why, X509Certificate certificate) {
    for (Throwable cause = why; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertPathValidatorException path && path.getReason() instanceof BasicReason reason
          && reason != BasicReason.UNSPECIFIED) {
        return "its certificate, or one that leads to it, is not valid: "
            + reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      }
    }
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
        ? "its certificate is signed by itself alone"
        : "its certificate leads to no authority that is trusted here";
  }

  private synchronized SSLContext context() throws IOException {
    SSLContext known = context;
    if (known == null) {
      try {
        known = SSLContext.getInstance("TLS");
        known.init(null, new TrustManager[]{new AnyCertificate()}, null);
      } catch (GeneralSecurityException e) {
        throw new IOException("TLS is not available: " + e.getMessage(), e);
      }
      context = known;
    }
    return known;
  }

  private synchronized X509TrustManager judge() throws IOException {
    X509TrustManager known = judge;
    if (known == null) {
      known = authorities.judge();
      judge = known;
    }
    return known;
  }
}
