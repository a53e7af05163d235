package org.posthorn.delivery;

/** How far a dialogue with a server has come, in the words of a bounce. */
enum Stage {
  CONNECT("connecting"),
  GREETING("waiting for its greeting"),
  HELLO("waiting for the reply to the hello"),
  STARTTLS("starting TLS"),
  RESET("waiting for the reply to RSET"),
  MAIL("waiting for the reply to MAIL FROM"),
  RCPT("waiting for the reply to RCPT TO"),
  DATA("waiting for the reply to DATA"),
  CONTENT("sending the message"),
  END("waiting for the reply to the end of the message");

  private final String doing;

  Stage(String doing) {
    this.doing = doing;
  }

  /** Returns what we were doing. */
  String doing() {
    return doing;
  }
}
