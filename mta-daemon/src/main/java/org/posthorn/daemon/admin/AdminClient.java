package org.posthorn.daemon.admin;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Asks a running daemon through its Unix socket. HTTP/1.1, a connection for each request. */
public final class AdminClient {
  private static final int MAX_HEAD = 1 << 14;

  private final Path socket;

  /** Will ask the daemon whose socket this is. */
  public AdminClient(Path socket) {
    this.socket = socket;
  }

  /**
   * Sends a request and returns the body of its answer, which the caller closes.
   *
   * @param query parameters, each with all its values
   * @throws AdminException when no daemon answers, or it answers with an error, whose text is the message
   */
  public InputStream ask(String method, String path, Map<String, List<String>> query) throws AdminException {
    var connection = connect();
    try {
      connection.write(ByteBuffer.wrap(
          (method + " " + path + encode(query) + " HTTP/1.1\r\nHost: posthorn\r\nContent-Length: 0\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII)));
      var in = new BufferedInputStream(Channels.newInputStream(connection));
      var head = head(in);
      var body = head.lines().anyMatch("transfer-encoding: chunked"::equalsIgnoreCase) ? new ChunkedBody(in) : in;
      if (!head.startsWith("HTTP/1.1 200 ")) {
        try (connection) {
          throw new AdminException(errorText(body.readAllBytes()), head.startsWith("HTTP/1.1 400 "));
        }
      }
      return body;
    } catch (AdminException e) {
      throw e;
    } catch (IOException e) {
      throw new AdminException("the daemon at " + socket + " broke off: " + e.getMessage(), e);
    }
  }

  private SocketChannel connect() throws AdminException {
    try {
      var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException e) {
      throw new AdminException("no daemon answers at " + socket + " (" + e.getMessage()
          + "); is it running, and as the same user?", e);
    }
  }

  private static String encode(Map<String, List<String>> query) {
    return query.isEmpty()
        ? ""
        : query.entrySet()
            .stream()
            .flatMap(entry -> entry.getValue()
                .stream()
                .map(value -> entry.getKey() + "="
                    + URLEncoder.encode(value, StandardCharsets.UTF_8)))
            .collect(Collectors.joining("&", "?", ""));
  }

  private static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4) {
      int octet = in.read();
      if (octet < 0 || head.size() > MAX_HEAD) {
        throw new IOException("its answer makes no sense");
      }
      head.write(octet);
      matched = octet == "\r\n\r\n".charAt(matched) ? matched + 1 : octet == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  private static String errorText(byte[] body) {
    try {
      return String.valueOf(Json.read(body, Map.class).get("error"));
    } catch (IllegalArgumentException _) {
      return new String(body, StandardCharsets.UTF_8).strip();
    }
  }
}
