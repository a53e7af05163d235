package org.posthorn.daemon.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Connects standard input and output with a server, for programs that speak SMTP to a pipe. */
final class SmtpPipe {
  private final Terminal terminal;

  SmtpPipe(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Runs until the server closes. */
  Sysexit run(InetSocketAddress server) {
    try (var socket = new Socket()) {
      socket.connect(server, 10_000);
      var out = socket.getOutputStream();
      Thread.ofPlatform().daemon().start(() -> forward(terminal.in(), out, socket));
      copy(socket.getInputStream(), terminal.out());
      return Sysexit.OK;
    } catch (IOException _) {
      terminal.complain("sendmail: no mail daemon listens on " + LocalServer.text(server));
      return Sysexit.TEMPFAIL;
    }
  }

  private static void forward(InputStream in, OutputStream out, Socket socket) {
    try {
      copy(in, out);
      socket.shutdownOutput();
    } catch (IOException _) {
      // The server closed first.
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[1 << 13];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      out.write(buffer, 0, count);
      out.flush();
    }
  }
}
