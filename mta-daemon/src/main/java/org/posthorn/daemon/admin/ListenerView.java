package org.posthorn.daemon.admin;

import java.util.List;

/**
 * What has come in on the listeners of one kind since the start.
 *
 * @param kind as the settings have it
 * @param addresses where they are: {@code address:port}, or the path of a Unix socket
 * @param connections that were served
 * @param messages that were taken
 * @param bytes of these messages
 * @param refusals of connections, commands, recipients and messages
 */
public record ListenerView(String kind, List<String> addresses, long connections, long messages, long bytes,
    long refusals) {
  public ListenerView {
    addresses = List.copyOf(addresses);
  }
}
