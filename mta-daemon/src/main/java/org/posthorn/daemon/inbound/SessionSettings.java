package org.posthorn.daemon.inbound;

/**
 * How a session behaves.
 *
 * @param commandLineBytes longest command line with CRLF, 512 to 65,536; default 2048: the 512 of RFC 5321 §4.5.3.1.4
 *     and room for the parameters of extensions (500 for ORCPT alone, RFC 3461 §4.2); longer gets 500 5.5.2
 * @param errors replies 5yz, since the last accepted message, after which 421 4.7.0 ends the session; 1 to 10,000;
 *     default 20
 * @param idleCommands commands that bring no mail forward (NOOP, RSET, EHLO, VRFY …, and what is refused for now, 4yz),
 *     since the last accepted message, after which each counts as an error; 1 to 1,000,000; default 100
 * @param vrfy whether VRFY tells who has a mailbox here, rather than 252; default false
 * @param expn whether EXPN tells trusted clients where an alias leads; default false
 * @param reverseLookup whether the client's name is looked up in the DNS, for {@code Received:} and the log; default true
 */
public record SessionSettings(int commandLineBytes, int errors, int idleCommands, boolean vrfy, boolean expn,
    boolean reverseLookup) {
  /** The defaults. */
  public static final SessionSettings DEFAULT = new SessionSettings(2048, 20, 100, false, false, true);

  public SessionSettings {
    Require.within("command line length", commandLineBytes, 512, 65_536);
    Require.within("errors", errors, 1, 10_000);
    Require.within("idle commands", idleCommands, 1, 1_000_000);
  }
}
