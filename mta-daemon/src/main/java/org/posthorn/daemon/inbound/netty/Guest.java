package org.posthorn.daemon.inbound.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.util.Optional;
import java.util.function.Function;
import org.posthorn.daemon.inbound.Client;
import org.posthorn.daemon.inbound.ConnectionLimits;
import org.posthorn.daemon.inbound.SmtpSession;
import org.posthorn.smtp.Reply;

/**
 * Who is served over a connection: the client that opened it, until a proxy says that it speaks for another. Keeps the
 * client's place, and gives it back before the client can see that its connection is closed: it may come again at once. On
 * the event loop of the connection.
 */
final class Guest extends ChannelOutboundHandlerAdapter {
  private final ConnectionGate gate;
  private final ConnectionLimits limits;
  private final Function<Client, SmtpSession> sessions;
  private Client client;
  private SmtpSession session;
  private boolean hasLeft;

  /** {@code client} has a place already; {@code sessions} begins a session with a client. */
  Guest(ConnectionGate gate, ConnectionLimits limits, Function<Client, SmtpSession> sessions, Client client) {
    this.gate = gate;
    this.limits = limits;
    this.sessions = sessions;
    this.client = client;
    this.session = sessions.apply(client);
  }

  Client client() {
    return client;
  }

  SmtpSession session() {
    return session;
  }

  /** From now on {@code next} is served, in a new session; or not, for the reason that is returned. */
  Optional<Reply> become(Client next) {
    session.close();
    leave();
    var refusal = gate.enter(next, limits);
    client = next;
    hasLeft = refusal.isPresent();
    session = sessions.apply(next);
    return refusal;
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    leave();
    var _ = context.close(promise);
  }

  void leave() {
    if (!hasLeft) {
      hasLeft = true;
      gate.leave(client);
    }
  }
}
