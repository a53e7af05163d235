package org.posthorn.smtp;

/** A line that a client sent where a command was expected, without its CRLF. */
public sealed interface CommandLine {
  /** Returns the command that it means. */
  Command command();

  /** A line of well-formed UTF-8 within the bound. It may have control characters, which no command may have. */
  record Text(String text) implements CommandLine {
    @Override
    public Command command() {
      return CommandParser.parse(text);
    }
  }

  /** A line that is too long, not UTF-8, or has a bare CR or LF in it, with the reply that says so. */
  record Refused(Reply reply) implements CommandLine {
    @Override
    public Command command() {
      return new Command.Unusable(reply);
    }
  }
}
