package org.posthorn.delivery.tls;

import java.io.IOException;
import java.net.Socket;
import java.time.InstantSource;
import org.posthorn.smtp.MailHost;
import org.posthorn.smtp.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS with the servers that mail goes to: the handshakes, their count, and with whom they fail. Safe for use by many threads. */
public final class OutboundTls {
  private static final Logger log = LoggerFactory.getLogger(OutboundTls.class);

  private final ClientTls client;
  private final PlainHosts plainHosts;
  private final TlsCounters counters;

  /** Trusts {@code authorities}, and counts in {@code counters}. */
  public OutboundTls(Authorities authorities, InstantSource clock, TlsCounters counters) {
    this.client = new ClientTls(authorities);
    this.plainHosts = new PlainHosts(clock);
    this.counters = counters;
  }

  /** Makes the handshake, as {@link ClientTls#encrypt} does. */
  public ClientTls.Encrypted encrypt(Socket plain, MailHost host) throws IOException {
    try {
      var encrypted = client.encrypt(plain, host);
      counters
          .count(encrypted.facts().isVerified() ? TlsCounters.Handshake.VERIFIED : TlsCounters.Handshake.UNVERIFIED);
      return encrypted;
    } catch (IOException e) {
      counters.count(TlsCounters.Handshake.FAILED);
      throw e;
    }
  }

  /** Whether TLS with {@code host} is worth a try where it need not be. */
  public boolean isWorthATry(MailHost host) {
    return !plainHosts.contains(host);
  }

  /** Notes that TLS with {@code host}, which offers it, does not work: mail that may goes in clear text for a while. */
  public void giveUp(MailHost host, String where, IOException why) {
    plainHosts.add(host);
    log.atWarn()
        .addKeyValue("relay", host + "[" + where + "]")
        .addKeyValue("for", PlainHosts.MEMORY)
        .addKeyValue("text", Printable.of(String.valueOf(why.getMessage())))
        .log("no TLS with a server that offers it; mail goes in clear text");
  }
}
