package org.posthorn.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.WireParseException;

/**
 * Asks recursive resolvers in turn until one gives an answer. One that refuses, fails or talks nonsense is not asked again
 * for the same question; one that stays silent is, since datagrams get lost. Safe for use by many threads.
 */
final class NameServers {
  private final Supplier<List<InetSocketAddress>> servers;
  private final Duration timeout;
  private final int attempts;

  NameServers(Supplier<List<InetSocketAddress>> servers, Duration timeout, int attempts) {
    this.servers = servers;
    this.timeout = timeout;
    this.attempts = attempts;
  }

  /** A server's failure to answer; {@code isFinal} when asking again is of no use. */
  private record Trouble(String text, boolean isFinal) {}

  /** Asks, for at most servers × attempts × timeout. Never throws: trouble is an {@link Answer.Failure}. */
  Answer ask(Question question) {
    Map<InetSocketAddress, Trouble> troubles = new LinkedHashMap<>();
    List<InetSocketAddress> candidates = servers.get();
    for (int attempt = 0; attempt < attempts; attempt++) {
      for (InetSocketAddress server : candidates) {
        Trouble before = troubles.get(server);
        if (before != null && before.isFinal()) {
          continue;
        }
        try {
          Answer answer = answer(question, ask(server, question));
          if (!(answer instanceof Answer.Failure(var reason))) {
            return answer;
          }
          troubles.put(server, new Trouble(reason, true));
        } catch (IOException e) {
          troubles.put(server, trouble(e));
        }
      }
    }
    return new Answer.Failure(describe(question, troubles));
  }

  private static Answer answer(Question question, Message response) {
    return response.getRcode() == Rcode.NOERROR || response.getRcode() == Rcode.NXDOMAIN
        ? AnswerReader.read(question, response)
        : new Answer.Failure(Rcode.string(response.getRcode()));
  }

  private Message ask(InetSocketAddress server, Question question) throws IOException {
    Message plain = Message.newQuery(Record.newRecord(question.name(), question.type(), DClass.IN));
    Message extended = plain.clone();
    extended.addRecord(new OPTRecord(ServerExchange.MAX_UDP_BYTES, 0, 0), Section.ADDITIONAL);
    Message response = ServerExchange.ask(server, extended, timeout);
    // A server from before EDNS says FORMERR to it (RFC 6891 §7).
    return response.getRcode() == Rcode.FORMERR ? ServerExchange.ask(server, plain, timeout) : response;
  }

  private Trouble trouble(IOException e) {
    return switch (e) {
      case SocketTimeoutException _ -> new Trouble("no answer within " + timeout.toMillis() + " ms", false);
      case WireParseException broken -> new Trouble("malformed answer: " + broken.getMessage(), true);
      default -> new Trouble(String.valueOf(e.getMessage()), false);
    };
  }

  private static String describe(Question question, Map<InetSocketAddress, Trouble> troubles) {
    var text = new StringBuilder("no DNS answer for " + question + ": ");
    troubles.forEach((server, trouble) -> text.append(server.getAddress().getHostAddress())
        .append(" port ")
        .append(server.getPort())
        .append(": ")
        .append(trouble.text())
        .append("; "));
    text.setLength(text.length() - 2);
    return text.toString();
  }
}
