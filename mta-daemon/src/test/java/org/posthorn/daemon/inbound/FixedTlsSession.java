package org.posthorn.daemon.inbound;

import java.security.Principal;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSessionContext;

/** What a handshake has led to, without a handshake: TLS 1.3, and a client that has shown {@code clientCertificates}. */
public final class FixedTlsSession extends ExtendedSSLSession {
  private final Certificate[] clientCertificates;

  /** A client that has shown these. */
  public FixedTlsSession(Certificate... clientCertificates) {
    this.clientCertificates = clientCertificates.clone();
  }

  @Override
  public String getProtocol() {
    return "TLSv1.3";
  }

  @Override
  public String getCipherSuite() {
    return "TLS_AES_128_GCM_SHA256";
  }

  @Override
  public List<SNIServerName> getRequestedServerNames() {
    return List.of(new SNIHostName("mx.example.org"));
  }

  @Override
  public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
    if (clientCertificates.length == 0) {
      throw new SSLPeerUnverifiedException("no certificate");
    }
    return clientCertificates.clone();
  }

  @Override
  public Certificate[] getLocalCertificates() {
    return new Certificate[0];
  }

  @Override
  public byte[] exportKeyingMaterialData(String label, byte[] context, int length) {
    return new byte[length];
  }

  @Override
  public String[] getLocalSupportedSignatureAlgorithms() {
    return new String[0];
  }

  @Override
  public String[] getPeerSupportedSignatureAlgorithms() {
    return new String[0];
  }

  @Override
  public byte[] getId() {
    return new byte[0];
  }

  @Override
  public SSLSessionContext getSessionContext() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long getCreationTime() {
    return 0;
  }

  @Override
  public long getLastAccessedTime() {
    return 0;
  }

  @Override
  public void invalidate() {
    // nothing is kept
  }

  @Override
  public boolean isValid() {
    return true;
  }

  @Override
  public void putValue(String name, Object value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Object getValue(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void removeValue(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String[] getValueNames() {
    return new String[0];
  }

  @Override
  public Principal getPeerPrincipal() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Principal getLocalPrincipal() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String getPeerHost() {
    return "";
  }

  @Override
  public int getPeerPort() {
    return 0;
  }

  @Override
  public int getPacketBufferSize() {
    return 0;
  }

  @Override
  public int getApplicationBufferSize() {
    return 0;
  }
}
